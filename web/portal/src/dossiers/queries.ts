import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, unwrap } from "@/api/client";
import type { Dossier } from "@/api/types";

export const dossierKey = (id: string) => ["dossier", id];
export const linesKey = (id: string) => ["dossier-lines", id];
export const historyKey = (id: string) => ["dossier-history", id];

export function loadDossier(id: string): Promise<Dossier> {
  return unwrap(api.GET("/api/v1/dossiers/{id}", { params: { path: { id } } }));
}

export function useDossier(id: string) {
  return useQuery({ queryKey: dossierKey(id), queryFn: () => loadDossier(id), staleTime: 0 });
}

// After a change: what is shown elsewhere is loaded again.
export function useDossierCache(id: string) {
  const queries = useQueryClient();
  return useMemo(
    () => ({
      accept: (dossier: Dossier) => {
        queries.setQueryData(dossierKey(id), dossier);
        void queries.invalidateQueries({ queryKey: historyKey(id) });
        void queries.invalidateQueries({ queryKey: ["dossiers"] });
        void queries.invalidateQueries({ queryKey: ["desk"] });
      },
      refresh: async () => {
        void queries.invalidateQueries({ queryKey: historyKey(id) });
        await Promise.all([queries.invalidateQueries({ queryKey: dossierKey(id) }), queries.invalidateQueries({ queryKey: linesKey(id) })]);
      },
      lines: () => queries.invalidateQueries({ queryKey: linesKey(id) }),
    }),
    [queries, id],
  );
}

// Whether the message of the server is about this dossier. Without a subject it may be.
export function isAbout(data: unknown, id: string): boolean {
  const subject = typeof data === "object" && data !== null && "subject" in data ? (data as { subject: unknown }).subject : undefined;
  return subject === undefined || subject === "" || subject === id;
}
