import type { RouteObject } from "react-router";
import { page } from "@/app/page";

export const administrationRoutes: RouteObject[] = [
  page("/quan-tri/tai-khoan", () => import("./accounts-page"), ["administrator", "auditor", "head"]),
  page("/quan-tri/co-quan", () => import("./organisations-page"), ["administrator", "auditor"]),
  page("/quan-tri/co-quan/sap-xep", () => import("./changes-page"), ["administrator", "auditor"]),
  page("/quan-tri/noi-dung", () => import("./content-page"), ["administrator"]),
  page("/quan-tri/thong-bao", () => import("./outbox-page"), ["administrator", "auditor"]),
  page("/quan-tri/khoa-truy-cap", () => import("./passkeys-page"), ["administrator", "auditor"]),
];
