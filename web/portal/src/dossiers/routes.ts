import type { RouteObject } from "react-router";
import type { Role } from "@/api/types";
import { page } from "@/app/page";

const organisation: Role[] = ["clerk", "head"];
const readers: Role[] = [...organisation, "receiving", "checking", "approving", "auditor"];

export const dossierRoutes: RouteObject[] = [
  page("/ho-so/di", async () => ({ Page: (await import("./list-page")).DraftsPage }), organisation),
  page("/ho-so/da-nop", async () => ({ Page: (await import("./list-page")).SubmittedPage }), organisation),
  page("/ho-so/da-hoan-thanh", async () => ({ Page: (await import("./list-page")).FinishedPage }), organisation),
  page("/tra-cuu-ho-so", async () => ({ Page: (await import("./list-page")).SearchPage }), organisation),
  page("/ho-so/moi", () => import("./new-page"), ["clerk"]),
  page("/ho-so/:id", () => import("./dossier-page"), organisation),
  page("/ho-so/:id/nhap-excel", () => import("./import-page"), ["clerk"]),
  page("/danh-muc/chung-thu-so", () => import("./certificates-page"), readers),
  page("/danh-muc/chung-thu-so/:issuer/:serial", () => import("./certificate-page"), readers),
];
