import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

const names = ["dossier", "queues", "certificate"] as const;
export type ServerEventName = (typeof names)[number];

// One stream for all of the page's listeners. Browsers give a server six connections over HTTP/1.1 and a stream holds one, so pages
// that nobody looks at have none; what they missed they hear of as a change without a subject.
type Listener = (name: ServerEventName, data: unknown) => void;
const listeners = new Set<Listener>();
const pause = 30_000;
let source: EventSource | undefined;
let hasMissed = false;
let retry: ReturnType<typeof setTimeout> | undefined;

function tell(name: ServerEventName, data: unknown) {
  for (const listener of listeners) listener(name, data);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function open() {
  const stream = new EventSource("/api/v1/events");
  source = stream;
  for (const name of names) stream.addEventListener(name, (event) => tell(name, parse((event as MessageEvent<string>).data)));
  stream.addEventListener("open", () => {
    if (!hasMissed) return;
    hasMissed = false;
    for (const name of names) tell(name, undefined);
  });
  stream.addEventListener("error", () => {
    hasMissed = true;
    // A lost connection the browser makes again by itself, a refused one it gives up.
    if (stream.readyState !== EventSource.CLOSED) return;
    close();
    retry = setTimeout(adapt, pause);
  });
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = undefined;
}

function adapt() {
  if (listeners.size === 0) {
    close();
    hasMissed = false;
  } else if (document.visibilityState === "hidden") {
    close();
    hasMissed = true;
  } else if (!source) {
    clearTimeout(retry);
    open();
  }
}

// Calls the handler with what changes on the server while the page is shown: useServerEvents((name, data) => …).
export function useServerEvents(handler: Listener) {
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  useEffect(() => {
    const listener: Listener = (name, data) => latest.current(name, data);
    listeners.add(listener);
    if (listeners.size === 1) document.addEventListener("visibilitychange", adapt);
    adapt();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) document.removeEventListener("visibilitychange", adapt);
      adapt();
    };
  }, []);
}

// Queries that follow what the server tells; several changes at once are one look.
export function useRefreshOn(topics: readonly ServerEventName[], queryKey: QueryKey) {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useServerEvents((name) => {
    if (!topics.includes(name)) return;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void queries.invalidateQueries({ queryKey }), 400);
  });
}
