import createClient, { type Middleware } from "openapi-fetch";
import { connectionLost, problemOf, tooLarge } from "./problem";
import type { Paths } from "./types";

// The session's protection code: every request that changes something carries it. Known once GET /session has answered.
let csrf = "";
export function setCsrf(value: string | undefined) {
  csrf = value ?? "";
}

const signInLostListeners = new Set<() => void>();
// Called when a request finds that nobody is signed in any more.
export function onSignInLost(listener: () => void): () => void {
  signInLostListeners.add(listener);
  return () => signInLostListeners.delete(listener);
}
function notice(code: string) {
  if (code === "registry.access.signin" || code === "registry.access.csrf") for (const listener of signInLostListeners) listener();
}

const headers: Middleware = {
  onRequest({ request }) {
    if (!/^(GET|HEAD)$/.test(request.method) && csrf) request.headers.set("X-Kyso-CSRF", csrf);
    return request;
  },
};

// Typed by api/openapi.yaml: api.GET("/api/v1/dossiers/{id}", { params: { path: { id } } }). Give its promise to unwrap().
export const api = createClient<Paths>({ credentials: "same-origin", headers: { Accept: "application/json, application/problem+json" } });
api.use(headers);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

// The answer, or a thrown Problem.
export async function unwrap<T>(asked: Promise<Answer<T>>): Promise<NonNullable<T>> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (error instanceof SyntaxError) throw problemOf(502, undefined);
    throw connectionLost();
  }
  if (!answer.response.ok) {
    const problem = problemOf(answer.response.status, answer.error, answer.response.headers.get("Retry-After"));
    notice(problem.code);
    throw problem;
  }
  return answer.data as NonNullable<T>;
}

export interface UploadOptions {
  method?: "POST" | "PUT";
  fields?: Record<string, string>;
  name?: string; // of the file's part
  limit?: number; // bytes
  onProgress?: (fraction: number) => void;
  signal?: AbortSignal;
}

// A file as multipart/form-data with progress, which fetch() does not tell.
export function upload<T>(url: string, file: File, options: UploadOptions = {}): Promise<T> {
  const { method = "POST", fields = {}, name = "file", limit, onProgress, signal } = options;
  if (limit !== undefined && file.size > limit) return Promise.reject(tooLarge(limit));
  return new Promise<T>((resolve, reject) => {
    const body = new FormData();
    for (const [key, value] of Object.entries(fields)) body.append(key, value);
    body.append(name, file, file.name);
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader("Accept", "application/json, application/problem+json");
    if (csrf) request.setRequestHeader("X-Kyso-CSRF", csrf);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onerror = () => reject(connectionLost());
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status >= 200 && request.status < 300) return resolve(answer as T);
      const problem = problemOf(request.status, answer, request.getResponseHeader("Retry-After"));
      notice(problem.code);
      reject(problem);
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

// Name of RFC 6266 with RFC 8187's extended form.
function nameOf(disposition: string | null): string | undefined {
  const extended = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "")?.[1];
  if (extended) return decodeURIComponent(extended);
  return /filename="([^"]+)"/i.exec(disposition ?? "")?.[1];
}

// Saves what the server sends; an error stays an error instead of becoming a file.
export async function download(url: string, fallbackName: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin" });
  } catch {
    throw connectionLost();
  }
  if (!response.ok) {
    const problem = problemOf(response.status, parse(await response.text()), response.headers.get("Retry-After"));
    notice(problem.code);
    throw problem;
  }
  saveBlob(await response.blob(), nameOf(response.headers.get("Content-Disposition")) ?? fallbackName);
}

export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
