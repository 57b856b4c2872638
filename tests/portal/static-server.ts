import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type OutgoingHttpHeaders, type Server } from "node:http";
import { extname, join, normalize } from "node:path";

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const types: Record<string, string> = { ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".json": "application/json", ".wasm": "application/wasm" };

// Serves the built portal as kysod does (web/README.md): strict policy, compressed copies, pages' addresses answered by index.html.
export function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    if (path.startsWith("/api/")) {
      response.writeHead(404, { "Content-Type": "application/problem+json" });
      response.end(JSON.stringify({ type: "urn:kyso:error:net.path.unknown", code: "net.path.unknown", status: 404, title: "Không có địa chỉ này.", title_en: "No such address." }));
      return;
    }
    let file = join(folder, path);
    if (!existsSync(file) || !statSync(file).isFile()) {
      if (extname(path)) {
        response.writeHead(404);
        response.end();
        return;
      }
      file = join(folder, "index.html");
    }
    const headers: OutgoingHttpHeaders = {
      "Content-Type": types[extname(file)] ?? "application/octet-stream",
      "Content-Security-Policy": policy,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "same-origin",
      "Cache-Control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    };
    const gzip = /\bgzip\b/.test(String(request.headers["accept-encoding"])) && existsSync(`${file}.gz`);
    if (gzip) headers["Content-Encoding"] = "gzip";
    response.writeHead(200, headers);
    createReadStream(gzip ? `${file}.gz` : file).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
