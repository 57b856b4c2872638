import type { ComponentType } from "react";
import type { RouteObject } from "react-router";
import type { Role } from "@/api/types";
import { RequireRole } from "./require-role";

type Loaded = { Page: ComponentType };

// A route whose code is loaded when somebody goes there: page("ho-so/di", () => import("./drafts-page"), ["clerk", "head"]).
// The module exports its page as `Page`. Without roles: everybody (who is signed in, below WorkLayout).
export function page(path: string, load: () => Promise<Loaded>, roles?: readonly Role[]): RouteObject {
  return {
    path,
    lazy: async () => {
      const { Page } = await load();
      return { Component: roles ? () => <RequireRole roles={roles}><Page /></RequireRole> : Page };
    },
  };
}
