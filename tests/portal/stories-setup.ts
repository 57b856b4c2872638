import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const tool = fileURLToPath(new URL("../../tools/demo-portal", import.meta.url));
const pages = fileURLToPath(new URL("../../build/web/portal", import.meta.url));

// Whom the population database knows; everybody else is as he says.
export const population = [{ identity_number: "020193000201", name: "Phạm Thị D", date_of_birth: "1993-12-20" }] as const;

// A portal of its own with everything behind it: authority, vault, mailbox, population database. What the tests need to know
// goes to them by the environment.
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const folder = process.env.KYSO_STORIES!;
  if (process.env.KYSO_PORTAL) {
    if (!process.env.KYSO_PORTAL_FOLDER) throw new Error("KYSO_PORTAL needs KYSO_PORTAL_FOLDER, the folder that tools/demo-portal made");
    return undefined;
  }
  const demo = join(folder, "demo"), ready = join(folder, "ready.json"), log = join(folder, "demo-portal.log");
  // The pages as they are now, whatever is built meanwhile.
  cpSync(pages, join(folder, "pages"), { recursive: true });
  const made = spawnSync(tool, ["make", demo, "--pages", join(folder, "pages")], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`demo-portal make: ${made.stdout}${made.stderr}`);
  writeFileSync(join(demo, "people.json"), JSON.stringify(population));
  const output = openSync(log, "w");
  const running = spawn(tool, ["start", demo, "--ready-file", ready], { stdio: ["ignore", output, output] });
  const ended = new Promise<void>((resolve) => running.once("exit", () => resolve()));
  const stop = async () => {
    running.kill("SIGTERM");
    await ended;
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
