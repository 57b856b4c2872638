import { useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useServerEvents } from "@/lib/events";

// Queues follow what the server tells; several changes at once are one look.
export function useDeskEvents() {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useServerEvents((name) => {
    if (name !== "queues" && name !== "dossier") return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void queries.invalidateQueries({ queryKey: ["desk"] }), 400);
  });
}
