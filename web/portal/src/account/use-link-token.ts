import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

// The code of a mail's link, after "#" (never sent to any server) or as ?token=. It does not stay in the address.
export function useLinkToken(): string {
  const { hash, search, pathname } = useLocation();
  const navigate = useNavigate();
  const [token] = useState(() => new URLSearchParams(hash.slice(1)).get("token") ?? new URLSearchParams(search).get("token") ?? "");
  useEffect(() => {
    if (hash || search) void navigate(pathname, { replace: true });
  }, [hash, search, pathname, navigate]);
  return token;
}
