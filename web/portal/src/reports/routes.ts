import type { RouteObject } from "react-router";
import type { Role } from "@/api/types";
import { page } from "@/app/page";

const readers: Role[] = ["clerk", "head", "receiving", "checking", "approving", "auditor"];

export const reportRoutes: RouteObject[] = [page("/bang-thong-ke", () => import("./dashboard-page"), [...readers, "administrator"]), page("/thong-ke", () => import("./reports-page"), readers)];
