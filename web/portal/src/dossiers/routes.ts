import type { RouteObject } from "react-router";

export const dossierRoutes: RouteObject[] = [];
