import { expect, test } from "./fixtures.js";
import { mockApi } from "./mock-api.js";

test("the home page", async ({ portal: { page, look } }) => {
  await mockApi(page);
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByText("121.838")).toBeVisible();
  await look("home");
  await page.keyboard.press("Tab");
  await expect(page.getByText("Chuyển đến nội dung chính")).toBeFocused();
});

test("the home page on a phone", async ({ portal: { page, look } }) => {
  await mockApi(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/");
  await expect(page.getByText("121.838")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await look("home-phone");
  await page.getByRole("button", { name: "Mở menu" }).click();
  await look("menu-phone", { full: false });
});

test("signing in", async ({ portal: { page, look } }) => {
  await mockApi(page);
  await page.goto("/dang-nhap");
  await look("sign-in");
  await page.getByRole("main").getByRole("button", { name: "Đăng nhập", exact: true }).click();
  await expect(page.getByText("Bạn hãy nhập tên tài khoản")).toBeVisible();
});
