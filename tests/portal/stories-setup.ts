import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const tool = fileURLToPath(new URL("../../tools/demo-portal", import.meta.url));

// A portal of its own with everything behind it: authority, vault, mailbox, population database. What the tests need to know
// goes to them by the environment.
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.KYSO_PORTAL) {
    if (!process.env.KYSO_PORTAL_FOLDER) throw new Error("KYSO_PORTAL needs KYSO_PORTAL_FOLDER, the folder that tools/demo-portal made");
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "kyso-stories-"));
  const demo = join(folder, "demo"), ready = join(folder, "ready.json"), log = join(folder, "demo-portal.log");
  const made = spawnSync(tool, ["make", demo], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`demo-portal make: ${made.stdout}${made.stderr}`);
  const output = openSync(log, "w");
  const running = spawn(tool, ["start", demo, "--ready-file", ready], { stdio: ["ignore", output, output] });
  const ended = new Promise<void>((resolve) => running.once("exit", () => resolve()));
  const stop = async () => {
    running.kill("SIGTERM");
    await ended;
    if (!process.env.KYSO_KEEP) rmSync(folder, { recursive: true, force: true });
  };
  for (const until = Date.now() + 60_000; !existsSync(ready) || readFileSync(ready, "utf8") === ""; ) {
    if (running.exitCode !== null || Date.now() > until) {
      const said = readFileSync(log, "utf8");
      await stop();
      throw new Error(`demo-portal start: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  process.env.KYSO_PORTAL = (JSON.parse(readFileSync(ready, "utf8")) as { portal: string }).portal;
  process.env.KYSO_PORTAL_FOLDER = demo;
  return stop;
}
