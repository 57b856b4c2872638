import { cpSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "./static-server.js";

// The pages as they are now, whatever is built meanwhile, at a port that is free.
export default async function setup(): Promise<() => Promise<void>> {
  const folder = join(process.env.KYSO_STORIES!, "pages");
  cpSync(process.env.KYSO_WEB_OUT ?? fileURLToPath(new URL("../../build/web/portal", import.meta.url)), folder, { recursive: true });
  const server = await serve(folder);
  process.env.KYSO_PAGES = `http://localhost:${(server.address() as AddressInfo).port}`;
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
}
