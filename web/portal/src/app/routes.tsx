import type { RouteObject } from "react-router";
import { administrationRoutes } from "@/administration/routes";
import { accountPublicRoutes, accountRoutes } from "@/account/routes";
import { deskRoutes } from "@/desk/routes";
import { dossierRoutes } from "@/dossiers/routes";
import { PublicLayout } from "@/layout/public-layout";
import { publicRoutes } from "@/public/routes";
import { reportRoutes } from "@/reports/routes";
import { PageLoading } from "@/ui/page-loading";
import { ErrorPage, NotFoundPage } from "./error-page";

export const routes: RouteObject[] = [
  {
    HydrateFallback: PageLoading,
    ErrorBoundary: ErrorPage,
    children: [
      {
        Component: PublicLayout,
        children: [{ ErrorBoundary: ErrorPage, children: [...publicRoutes, ...accountPublicRoutes, { path: "*", Component: NotFoundPage }] }],
      },
      {
        lazy: async () => ({ Component: (await import("@/layout/work-layout")).WorkLayout }),
        children: [{ ErrorBoundary: ErrorPage, children: [...accountRoutes, ...dossierRoutes, ...deskRoutes, ...reportRoutes, ...administrationRoutes] }],
      },
    ],
  },
];
