import { useEffect, useRef } from "react";

export type ServerEventName = "dossier" | "queues" | "import";

// One stream for all of the page's listeners; the browser reconnects by itself.
type Listener = (name: ServerEventName, data: unknown) => void;
const listeners = new Set<Listener>();
let source: EventSource | undefined;

function tell(name: ServerEventName, text: string) {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    data = text;
  }
  for (const listener of listeners) listener(name, data);
}

function open() {
  source = new EventSource("/api/v1/events");
  for (const name of ["dossier", "queues", "import"] as const) source.addEventListener(name, (event) => tell(name, (event as MessageEvent<string>).data));
}

// Calls the handler with what changes on the server while the page is shown: useServerEvents((name, data) => …).
export function useServerEvents(handler: Listener, enabled = true) {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    if (!enabled) return undefined;
    const listener: Listener = (name, data) => latest.current(name, data);
    listeners.add(listener);
    if (!source) open();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        source?.close();
        source = undefined;
      }
    };
  }, [enabled]);
}
