import type { RouteObject } from "react-router";
import { page } from "@/app/page";

export const publicRoutes: RouteObject[] = [
  page("/", () => import("./home-page")),
];
