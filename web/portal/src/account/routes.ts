import type { RouteObject } from "react-router";
import { page } from "@/app/page";

export const accountPublicRoutes: RouteObject[] = [page("/dang-nhap", () => import("./sign-in-page"))];

export const accountRoutes: RouteObject[] = [];
