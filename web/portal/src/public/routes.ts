import type { RouteObject } from "react-router";
import { page } from "@/app/page";

export const publicRoutes: RouteObject[] = [
  page("/", () => import("./home-page")),
  page("/tin-tuc", () => import("./news-page")),
  page("/tin-tuc/:id", () => import("./news-entry-page")),
  page("/dich-vu", () => import("./services-page")),
  page("/tra-cuu", () => import("./look-up-page")),
  page("/tra-cuu/chung-thu-so", () => import("./certificate-page")),
  page("/xac-thuc-van-ban", () => import("./verify-page")),
  page("/tai-nguyen", () => import("./resources-page")),
  page("/tai-nguyen/chung-thu-so", () => import("./authorities-page")),
  page("/huong-dan", () => import("./guides-page")),
  page("/lien-he", () => import("./contact-page")),
];
