import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, type Browser, type Locator, type Page, type TestInfo } from "@playwright/test";
import { expect, lookAt, pictures, pictureWhole, watch } from "./fixtures.js";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const portalUrl = () => process.env.KYSO_PORTAL!;
export const folder = () => process.env.KYSO_PORTAL_FOLDER!;
const settings = () => JSON.parse(readFileSync(join(folder(), "demo.json"), "utf8")) as { mailbox_port: number; port: number; officers_port: number };

interface Account {
  email: string;
  name: string;
  password: string;
}
export type Key = "van-thu" | "thu-truong" | "tiep-nhan" | "tham-tra" | "phe-duyet" | "kiem-toan" | "quan-tri" | "quan-tri-2";
export const account = (key: Key) => (JSON.parse(readFileSync(join(folder(), "accounts.json"), "utf8")) as Record<Key, Account>)[key];

export const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Ho_Chi_Minh" }).format(new Date());
export const shownDay = (day: string) => day.split("-").reverse().join("/");

// tools/demo-portal does what happens outside of browsers.
export const demo = (...words: string[]) => execFileSync(join(root, "tools/demo-portal"), words, { encoding: "utf8" });
export const python = (...words: string[]) => {
  const own = join(root, "build/venv/bin/python");
  return execFileSync(own, words, { encoding: "utf8" });
};
export const signLetter = (unsigned: string, signed: string, number: string, ...options: string[]) => demo("sign-letter", folder(), unsigned, signed, "--number", number, "--date", today, ...options);
export const kyso = (words: string[], environment: Record<string, string> = {}) =>
  execFileSync(join(process.env.KYSO_BIN ?? join(root, "build/bin"), "kyso"), words, { encoding: "utf8", stdio: "pipe", env: { ...process.env, KYSO_SHARE: process.env.KYSO_SHARE ?? join(root, "share"), ...environment } });
export const officersUrl = () => `http://127.0.0.1:${settings().officers_port}`;
export const timeStamps = () => `http://127.0.0.1:${settings().port}/tsa`;

interface Mail {
  to: string;
  subject: string;
  text: string;
}
// The newest mail to somebody whose text matches; waits until it is there.
export async function mailTo(to: string, matches: RegExp): Promise<{ mail: Mail; found: RegExpMatchArray }> {
  let result: { mail: Mail; found: RegExpMatchArray } | undefined;
  await expect(async () => {
    const answer = await fetch(`http://127.0.0.1:${settings().mailbox_port}/messages.json`);
    for (const mail of (await answer.json()) as Mail[]) {
      const found = mail.to.includes(to) ? mail.text.match(matches) : null;
      if (found) {
        result = { mail, found };
        break;
      }
    }
    expect(result, `a mail to ${to}`).toBeDefined();
  }).toPass({ timeout: 60_000, intervals: [200] });
  return result!;
}

// Somebody before a browser of their own.
export class Person {
  readonly faults: string[] = [];
  constructor(readonly page: Page) {
    watch(page, this.faults);
  }

  async look(name: string, options?: { full?: boolean }) {
    await this.settled();
    await lookAt(this.page, `stories/${name}`, test.info(), options);
  }

  // Nothing loads any more; the stream of events never ends, so the network is no measure.
  async settled() {
    await expect(this.page.locator("[aria-busy=true], .ant-btn-loading, progress")).toHaveCount(0);
    await expect(this.page.locator(".ant-message-notice, .ant-notification-notice")).toHaveCount(0);
  }

  async go(address: string) {
    await this.page.goto(address);
    await expect(this.page.getByRole("heading", { level: 1 })).toBeVisible();
  }

  async signIn(email: string, password: string) {
    await this.go("/dang-nhap");
    await this.page.getByLabel("Tên tài khoản", { exact: true }).fill(email);
    await this.page.getByLabel("Mật khẩu", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: "Đăng nhập", exact: true }).last().click();
    await expect(this.page.getByRole("button", { name: "Đăng xuất" })).toBeVisible();
    return this;
  }

  async signOut() {
    await this.page.getByRole("button", { name: "Đăng xuất" }).click();
    await expect(this.page.getByRole("banner").getByRole("button", { name: "Đăng nhập" })).toBeVisible();
  }

  async chooseOrganisation(search: string, name: string, button = this.page.getByRole("button", { name: /^Tìm theo phân cấp/ }), picture?: string) {
    await button.click();
    const dialog = this.page.getByRole("dialog").filter({ hasText: "Chọn cơ quan, tổ chức" });
    await dialog.getByLabel("Tìm theo tên hoặc mã, không cần dấu").fill(search);
    await dialog.getByRole("region", { name: "Kết quả tìm kiếm" }).getByRole("button", { name }).first().click();
    if (picture) await this.look(picture, { full: false });
    await dialog.getByRole("button", { name: "Chọn tổ chức" }).click();
    await expect(dialog).toBeHidden();
  }

  async fillDay(field: Locator, day: string) {
    await field.fill(shownDay(day));
    await field.press("Enter");
  }

  // A security key that answers by itself, as a person would with a finger.
  async takeAuthenticator() {
    const client = await this.page.context().newCDPSession(this.page);
    await client.send("WebAuthn.enable");
    await client.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  }

  async addPasskey(label: string) {
    await this.takeAuthenticator();
    await this.go("/tai-khoan");
    await this.settled();
    const keys = this.page.getByRole("listitem").filter({ hasText: label }), before = await keys.count();
    await this.page.getByLabel("Tên gợi nhớ").fill(label);
    await this.page.getByRole("button", { name: "Thêm khóa truy cập" }).click();
    await expect(keys).toHaveCount(before + 1);
  }

  // What a story needs but does not tell: the interface, with this person's session.
  async call<T>(method: string, path: string, body?: { data?: unknown; file?: { name: string; mimeType: string; buffer: Buffer } }): Promise<T> {
    const { csrf } = (await (await this.page.request.get("/api/v1/session")).json()) as { csrf?: string };
    const answer = await this.page.request.fetch(path, { method, data: body?.data, multipart: body?.file && { file: body.file }, headers: { "X-Kyso-CSRF": csrf ?? "", Origin: portalUrl() } });
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
    return (await answer.json()) as T;
  }
}

async function newPerson(browser: Browser, more: object = {}) {
  const context = await browser.newContext({ baseURL: portalUrl(), locale: "vi-VN", timezoneId: "Asia/Ho_Chi_Minh", viewport: { width: 1366, height: 768 }, acceptDownloads: true, ...more });
  context.setDefaultTimeout(60_000);
  return new Person(await context.newPage());
}

// People stay at their browsers from one test to the next.
export class People {
  readonly known = new Map<string, Person>();
  constructor(private readonly browser: Browser) {}

  async somebody(name: string, more: object = {}): Promise<Person> {
    const present = this.known.get(name);
    if (present) return present;
    const person = await newPerson(this.browser, more);
    this.known.set(name, person);
    return person;
  }

  async signedIn(key: Key): Promise<Person> {
    const isHere = this.known.has(key), person = await this.somebody(key);
    return isHere ? person : person.signIn(account(key).email, account(key).password);
  }

  // The three officers, with passkeys that the vault accepts.
  async officers(): Promise<Person[]> {
    const keys = ["tiep-nhan", "tham-tra", "phe-duyet"] as const;
    const isHere = keys.every((key) => this.known.has(key));
    const officers: Person[] = [];
    for (const key of keys) {
      const officer = await this.signedIn(key);
      if (!isHere) await officer.addPasskey("Khóa bảo mật của cơ quan");
      officers.push(officer);
    }
    if (!isHere) demo("enrol", folder());
    return officers;
  }

  async leave(name: string) {
    await this.known.get(name)?.page.context().close();
    this.known.delete(name);
  }
}

// What everybody has before them when a test fails, beside the other pictures.
async function tellFailure(people: People, info: TestInfo) {
  if (info.status === info.expectedStatus) return;
  for (const [name, { page }] of people.known) {
    if (page.isClosed()) continue;
    const path = `${pictures}failed/${info.titlePath[0]!.split(".")[0]} ${name}.png`;
    await pictureWhole(page, path);
    info.attachments.push({ name, path, contentType: "image/png" });
  }
}

export const test = base.extend<{ checked: void }, { people: People }>({
  people: [
    async ({ browser }, use) => {
      const people = new People(browser);
      await use(people);
      for (const name of [...people.known.keys()]) await people.leave(name);
    },
    { scope: "worker" },
  ],
  checked: [
    async ({ people }, use, info) => {
      await use();
      await tellFailure(people, info);
      const faults = [...people.known].flatMap(([name, { faults }]) => faults.splice(0).map((fault) => `${name}: ${fault}`));
      expect(faults).toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };
