// Serves the built portal as kysod does (web/README.md): strict policy, compressed copies, pages' addresses answered by index.html.
// usage: node static-server.mjs FOLDER PORT
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const types = { ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".json": "application/json", ".wasm": "application/wasm" };

export function serve(folder, port) {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    if (path.startsWith("/api/")) {
      response.writeHead(404, { "Content-Type": "application/problem+json" });
      return response.end(JSON.stringify({ type: "urn:kyso:error:net.path.unknown", code: "net.path.unknown", status: 404, title: "Không có địa chỉ này.", title_en: "No such address." }));
    }
    let file = join(folder, path);
    if (!existsSync(file) || !statSync(file).isFile()) {
      if (extname(path)) {
        response.writeHead(404);
        return response.end();
      }
      file = join(folder, "index.html");
    }
    const headers = {
      "Content-Type": types[extname(file)] ?? "application/octet-stream",
      "Content-Security-Policy": policy,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "same-origin",
      "Cache-Control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    };
    const gzip = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "") && existsSync(`${file}.gz`);
    if (gzip) headers["Content-Encoding"] = "gzip";
    response.writeHead(200, headers);
    createReadStream(gzip ? `${file}.gz` : file).pipe(response);
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.argv[2], Number(process.argv[3]));
