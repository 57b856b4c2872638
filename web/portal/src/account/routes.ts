import type { RouteObject } from "react-router";
import { page } from "@/app/page";

export const accountPublicRoutes: RouteObject[] = [
  page("/dang-nhap", () => import("./sign-in-page")),
  page("/dang-ky", () => import("./register-page")),
  page("/kich-hoat", () => import("./activate-page")),
  page("/quen-mat-khau", () => import("./forgot-page")),
  page("/dat-lai-mat-khau", () => import("./reset-page")),
];

export const accountRoutes: RouteObject[] = [page("/tai-khoan", () => import("./me-page"))];
