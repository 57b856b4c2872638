import type { Role } from "@/api/types";

// Convenience only: every request is judged by the server.
export const organisationRoles: Role[] = ["clerk", "head"];
export const officerRoles: Role[] = ["receiving", "checking", "approving", "auditor"];

export function hasAny(roles: readonly Role[] | undefined, wanted: readonly Role[]): boolean {
  return wanted.some((role) => roles?.includes(role));
}

// Where somebody begins after signing in.
export function homeOf(roles: readonly Role[]): string {
  if (hasAny(roles, ["receiving", "checking", "approving"])) return "/ban-xu-ly";
  return "/bang-thong-ke";
}

// Only addresses of this portal: "//elsewhere" and "https:…" are none.
export function safeReturn(to: string | null | undefined): string | undefined {
  return to && /^\/(?![/\\])/.test(to) && !to.startsWith("/dang-nhap") ? to : undefined;
}
