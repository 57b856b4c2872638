import type { RouteObject } from "react-router";
import { officerRoles } from "@/app/access";
import { page } from "@/app/page";

export const deskRoutes: RouteObject[] = [
  page("/ban-xu-ly", () => import("./overview-page"), officerRoles),
  page("/ban-xu-ly/:queue", () => import("./queue-page"), officerRoles),
  page("/ban-xu-ly/ho-so/:id", () => import("./dossier-page"), officerRoles),
  page("/ban-xu-ly/ho-so/:id/ky", () => import("./statement-page"), officerRoles),
  page("/danh-muc/thiet-bi", () => import("./tokens-page"), officerRoles),
];
