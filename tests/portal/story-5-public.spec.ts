import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, folder, kyso, root, shownDay, test, timeStamps, today } from "./story.js";

// As a mouse drops it: the file comes with the event, not by the field.
async function drop(page: Page, path: string, name: string) {
  const data = await page.evaluateHandle(
    ({ base64, name }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name, { type: "application/pdf" }));
      return transfer;
    },
    { base64: readFileSync(path).toString("base64"), name },
  );
  await page.locator(".k-upload").dispatchEvent("dragover", { dataTransfer: data });
  await page.locator(".k-upload").dispatchEvent("drop", { dataTransfer: data });
}

test.describe("everybody", () => {
  test("sees the services, the authorities and what is published", async ({ people }) => {
    const guest = await people.somebody("khach");
    const { page } = guest;
    await guest.go("/");
    await guest.look("trang-chu");
    for (const [address, picture] of [["/dich-vu", "dich-vu"], ["/tai-nguyen", "tai-nguyen"], ["/tai-nguyen/chung-thu-so", "co-quan-cap"], ["/huong-dan", "huong-dan"], ["/lien-he", "lien-he"]] as const) {
      await guest.go(address);
      await guest.look(picture);
    }
    await guest.go("/tai-nguyen/chung-thu-so");
    const link = page.locator('main a[href*=".crl"]').first();
    await expect(link).toBeVisible();
    const answer = await page.request.get((await link.getAttribute("href"))!);
    expect(answer.ok()).toBe(true);
    expect((await answer.body())[0]).toBe(0x30);
  });

  test("looks dossiers and certificates up without learning about people", async ({ people }) => {
    const guest = await people.somebody("khach");
    const { page } = guest;
    await guest.go("/tra-cuu");
    await guest.chooseOrganisation("so mau", "Cơ quan mẫu: Sở Mẫu");
    await page.getByLabel("Số công văn").fill("999/KHONG-CO");
    await page.getByLabel("Ngày ban hành").fill(shownDay(today));
    await page.getByLabel("Ngày ban hành").press("Enter");
    await page.getByRole("main").getByRole("button", { name: "Tra cứu" }).click();
    await expect(page.getByRole("heading", { name: "Không tìm thấy hồ sơ" })).toBeVisible();
    await guest.look("tra-cuu-ho-so");
    await guest.go("/tra-cuu/chung-thu-so");
    await page.getByLabel("Số hiệu chứng thư số").fill("31:C1:0Z");
    await page.getByRole("main").getByRole("button", { name: "Tra cứu" }).click();
    await expect(page.getByText("Số hiệu chỉ gồm chữ số và các chữ cái từ A đến F")).toBeVisible();
    await page.getByLabel("Số hiệu chứng thư số").fill("31:c1:06");
    await page.getByRole("main").getByRole("button", { name: "Tra cứu" }).click();
    await expect(page.getByText("Không có chứng thư số mang số hiệu này")).toBeVisible();
  });

  test("verifies a document by dropping it; a changed one is told", async ({ people }) => {
    const guest = await people.somebody("khach");
    const { page } = guest;
    const work = mkdtempSync(join(tmpdir(), "kyso-story-"));
    const good = join(work, "van-ban.pdf"), bad = join(work, "bi-sua.pdf");
    const signer = join(folder(), "people");
    kyso(["sign", join(root, "tests/data/pdf/vn-cong-van.pdf"), "-o", good, "--role", "plain", "--holder", `p12:${signer}/lanh-dao.p12`, "--pin-file", join(signer, "pin.txt"), "--tsa", timeStamps()]);
    const bytes = readFileSync(good), at = bytes.indexOf("stream") + 40;
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(bad, bytes);

    await guest.go("/xac-thuc-van-ban");
    await drop(page, good, "van-ban.pdf");
    await expect(page.getByRole("heading", { name: "Chữ ký hợp lệ" })).toBeVisible();
    await guest.look("xac-thuc");
    await page.getByText("Xem văn bản", { exact: true }).click();
    await expect(page.locator("canvas").first()).toBeVisible();
    await page.getByRole("button", { name: "Kiểm tra văn bản khác" }).click();
    await drop(page, bad, "bi-sua.pdf");
    await expect(page.getByRole("heading", { name: "Chữ ký không hợp lệ" })).toBeVisible();
    await expect(page.getByText("Tài liệu đã bị thay đổi sau khi ký").first()).toBeVisible();
    await guest.look("xac-thuc-bi-sua");
    rmSync(work, { recursive: true });
  });
});
