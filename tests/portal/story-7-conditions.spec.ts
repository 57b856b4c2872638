import type { Page } from "@playwright/test";
import { account, expect, type Person, test } from "./story.js";

// Nobody scrolls sideways to read.
async function fits(page: Page) {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
}
async function newDraft(clerk: Person) {
  const made = await clerk.call<{ id: string }>("POST", "/api/v1/dossiers", { data: { kind: "01" } });
  await clerk.go(`/ho-so/${made.id}`);
  return made.id;
}
const saveButton = (page: Page) => page.locator(".d-bar-sticky").getByRole("button", { name: "Lưu", exact: true });

test("in English, everything by keyboard: signing in and filling a form", async ({ people }) => {
  const somebody = await people.somebody("ban phim");
  const { page } = somebody;
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute("aria-label") || document.activeElement?.id || "");
  const tabTo = async (name: RegExp, most = 40) => {
    for (let at = 0; at < most; ++at) {
      await page.keyboard.press("Tab");
      if (name.test(await focused())) return;
    }
    throw new Error(`no way to ${name} by Tab`);
  };
  await somebody.go("/dang-nhap");
  await page.keyboard.press("Tab");
  await expect(page.locator(":focus")).toHaveText("Chuyển đến nội dung chính");
  await tabTo(/^English$/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await somebody.look("english-sign-in");
  await tabTo(/email$/);
  await page.keyboard.type(account("van-thu").email);
  await tabTo(/password$/);
  await page.keyboard.type(account("van-thu").password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
  await page.goto("/tai-khoan");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await somebody.look("english-account");
  await page.goto("/ho-so/moi");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  for (let at = 0; at < 40 && !(await page.evaluate(() => document.activeElement?.getAttribute("type") === "radio")); ++at) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await tabTo(/^Create|Tạo hồ sơ/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/ho-so\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await somebody.look("english-dossier");
  await people.leave("ban phim");
});

for (const [name, width, height] of [["zoom-200", 683, 384], ["dien-thoai", 360, 740]] as const)
  test(`at ${name} nothing is lost and nobody scrolls sideways`, async ({ people }) => {
    const somebody = await people.somebody(name, { viewport: { width, height } });
    const { page } = somebody;
    for (const address of ["/", "/dang-ky", "/tra-cuu", "/xac-thuc-van-ban"]) {
      await somebody.go(address);
      await fits(page);
      await somebody.look(`${name}${address.replaceAll("/", "-")}`);
    }
    await somebody.signIn(account("van-thu").email, account("van-thu").password);
    for (const address of ["/bang-thong-ke", "/ho-so/di", "/tai-khoan", "/danh-muc/chung-thu-so"]) {
      await somebody.go(address);
      await fits(page);
    }
    await newDraft(somebody);
    await fits(page);
    await somebody.look(`${name}-ho-so`);
    await people.leave(name);
  });

test("a lost connection keeps what was typed", async ({ people }) => {
  const clerk = await people.signedIn("van-thu");
  const { page } = clerk;
  const id = await newDraft(clerk);
  await page.locator("#letter").getByLabel("Số công văn").fill("77/SM-VP");
  await page.context().setOffline(true);
  await expect(page.getByText("Mất kết nối mạng. Nội dung đang nhập được giữ trên máy này.")).toBeInViewport();
  await page.getByLabel("Ghi chú").last().fill("Viết khi mất mạng");
  await saveButton(page).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await clerk.look("mat-mang", { full: false });
  await page.context().setOffline(false);
  // Even when the browser is closed meanwhile.
  await clerk.go(`/ho-so/${id}`);
  await page.getByRole("button", { name: "Khôi phục" }).click();
  await expect(page.locator("#letter").getByLabel("Số công văn")).toHaveValue("77/SM-VP");
  await expect(page.getByLabel("Ghi chú").last()).toHaveValue("Viết khi mất mạng");
  await saveButton(page).click();
  await expect(page.getByText("Mọi thay đổi đã được lưu")).toBeVisible();
});

test("what was typed when a page was left is joined with what others saved meanwhile", async ({ people }) => {
  const clerk = await people.signedIn("van-thu");
  const id = await newDraft(clerk);
  const other = await people.somebody("cua so khac");
  await other.signIn(account("van-thu").email, account("van-thu").password);
  await other.go(`/ho-so/${id}`);
  await other.page.locator("#letter").getByLabel("Số công văn").fill("78/SM-VP");
  await other.page.getByLabel("Ghi chú").last().fill("Chưa kịp lưu");
  await other.go("/ho-so/di");
  await clerk.page.getByLabel("Ghi chú").last().fill("Đã lưu trước");
  await clerk.page.locator("#letter").getByLabel("Trích yếu").fill("V/v người khác đổi");
  await saveButton(clerk.page).click();
  await expect(clerk.page.getByText("Mọi thay đổi đã được lưu")).toBeVisible();
  await other.go(`/ho-so/${id}`);
  await other.page.getByRole("button", { name: "Khôi phục" }).click();
  await expect(other.page.getByText("Họ đã lưu: Đã lưu trước")).toBeVisible();
  await expect(other.page.locator("#letter").getByLabel("Số công văn")).toHaveValue("78/SM-VP");
  await expect(other.page.locator("#letter").getByLabel("Trích yếu")).toHaveValue("V/v người khác đổi");
  await other.look("khoi-phuc-ban-nhap", { full: false });
  await other.page.getByRole("button", { name: "Lấy của họ" }).click();
  await saveButton(other.page).click();
  await expect(other.page.getByText("Mọi thay đổi đã được lưu")).toBeVisible();
  await clerk.go(`/ho-so/${id}`);
  await expect(clerk.page.getByLabel("Ghi chú").last()).toHaveValue("Đã lưu trước");
  await expect(clerk.page.locator("#letter").getByLabel("Số công văn")).toHaveValue("78/SM-VP");
  await people.leave("cua so khac");
});

test("two windows on one dossier: nobody's work is overwritten unseen", async ({ people }) => {
  const clerk = await people.signedIn("van-thu");
  const id = await newDraft(clerk);
  const other = await people.somebody("cua so khac");
  await other.signIn(account("van-thu").email, account("van-thu").password);
  await other.go(`/ho-so/${id}`);
  await clerk.page.getByLabel("Ghi chú").last().fill("Người thứ nhất ghi");
  await other.page.getByLabel("Ghi chú").last().fill("Người thứ hai ghi");
  await saveButton(clerk.page).click();
  await expect(clerk.page.getByText("Mọi thay đổi đã được lưu")).toBeVisible();
  await saveButton(other.page).click();
  await expect(other.page.getByText("Họ đã lưu: Người thứ nhất ghi")).toBeVisible();
  await expect(other.page.getByLabel("Ghi chú").last()).toHaveValue("Người thứ hai ghi");
  await other.look("hai-nguoi-sua", { full: false });
  await other.page.getByRole("button", { name: "Giữ của tôi" }).click();
  await saveButton(other.page).click();
  await expect(other.page.getByText("Mọi thay đổi đã được lưu")).toBeVisible();
  await clerk.go(`/ho-so/${id}`);
  await expect(clerk.page.getByLabel("Ghi chú").last()).toHaveValue("Người thứ hai ghi");
  await people.leave("cua so khac");
});
