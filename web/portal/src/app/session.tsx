import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import { api, onSignInLost, setCsrf, unwrap } from "@/api/client";
import type { Account, Role, Session } from "@/api/types";
import { removeAllDrafts } from "@/lib/drafts";

interface SessionValue {
  session: Session | undefined; // undefined while it is being asked for
  account: Account | undefined;
  error: unknown;
  has: (...roles: Role[]) => boolean; // any of them
  accept: (session: Session) => void; // after signing in
  refresh: () => Promise<unknown>;
  signOut: () => Promise<void>;
}

const Context = createContext<SessionValue | undefined>(undefined);
const key = ["session"];

export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async () => {
      const session = await unwrap(api.GET("/api/v1/session"));
      setCsrf(session.csrf);
      return session;
    },
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: true,
  });
  useEffect(() => onSignInLost(() => void refetch()), [refetch]);

  const value = useMemo<SessionValue>(
    () => ({
      session: data,
      account: data?.account,
      error,
      has: (...roles) => roles.some((role) => data?.account?.roles.includes(role)),
      accept: (session) => {
        setCsrf(session.csrf);
        // What was loaded for somebody else, or for nobody, is not this person's.
        queries.removeQueries({ predicate: (query) => query.queryKey[0] !== "session" });
        queries.setQueryData(key, session);
      },
      refresh: refetch,
      signOut: async () => {
        await unwrap(api.DELETE("/api/v1/session"));
        await removeAllDrafts();
        setCsrf(undefined);
        queries.clear();
        await refetch();
      },
    }),
    [data, error, queries, refetch],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useSession(): SessionValue {
  const value = useContext(Context);
  if (!value) throw new Error("useSession outside of SessionProvider");
  return value;
}

// On pages that only signed-in people reach.
export function useAccount(): Account {
  const { account } = useSession();
  if (!account) throw new Error("useAccount without a session");
  return account;
}
