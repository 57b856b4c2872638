import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Download, Page } from "@playwright/test";
import { expect, type Person, signLetter, today } from "./story.js";

// What clerks and officers do with every dossier, each step as its screen has it.
export interface Line {
  id: string;
  name: string;
  certificate?: { serial: string; issuer: string };
}
export const work = join(process.env.KYSO_STORIES!, "work");
mkdirSync(work, { recursive: true });

export async function save(download: Promise<Download>, name: string) {
  const path = join(work, name);
  await (await download).saveAs(path);
  return path;
}

// A key and its request, as a server's or a person's own program makes them.
export function makeRequest(name: string) {
  const base = join(work, name);
  execFileSync("openssl", ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${base}.key.pem`, "-out", `${base}.csr`, "-subj", "/CN=x"], { stdio: "ignore" });
  return `${base}.csr`;
}

// -- a clerk ----------------------------------------------------------------------------------------------------------------
export const bar = (page: Page) => page.locator(".d-bar-sticky");
export const letterNumber = (number: string) => `${number}/SM-VP`;

export async function saveDossier(page: Page) {
  await bar(page).getByRole("button", { name: "Lưu", exact: true }).click();
  await expect(page.getByText("Mọi thay đổi đã được lưu")).toBeVisible();
}

export const linesOf = async (clerk: Person, dossier: string) => (await clerk.call<{ items: Line[] }>("GET", `/api/v1/dossiers/${dossier}/lines?limit=100`)).items;

export async function opened({ page }: Person) {
  await page.waitForURL(/\/ho-so\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { name: "1. Thông tin chung hồ sơ" })).toBeVisible();
  return page.url().split("/").at(-1)!;
}

export async function newDossier(clerk: Person, kind: string, picture?: string) {
  const { page } = clerk;
  await clerk.go("/ho-so/moi");
  await page.getByRole("radio", { name: new RegExp(`^${kind} - `) }).check();
  if (picture) await clerk.look(picture);
  await page.getByRole("button", { name: "Tạo hồ sơ" }).click();
  return opened(clerk);
}

const receiverName = "Nguyễn Thị Văn Thư";

export async function fillReceiver(clerk: Person) {
  const receiver = clerk.page.locator("#receiver");
  await receiver.getByLabel("Họ và tên").fill(receiverName);
  await receiver.getByLabel("Số CMND/CCCD/Hộ chiếu").fill("020190000001");
  await clerk.fillDay(receiver.getByLabel("Ngày cấp"), "2022-01-01");
  await receiver.getByLabel("Nơi cấp").fill("Cục Cảnh sát QLHC về TTXH");
  await receiver.getByLabel("Chức vụ").fill("Văn thư");
  await receiver.getByLabel("Điện thoại").fill("0912345678");
  await receiver.getByLabel("Địa chỉ thư công vụ").fill("vanthu@coquanmau.gov.vn");
  await receiver.getByLabel("Địa chỉ tiếp nhận").fill("Số 1 phố Mẫu");
}

// Who has received before stands in a list.
export async function takeReceiver({ page }: Person) {
  await page.getByLabel("Người tiếp nhận đã dùng").click();
  await page.locator(".ant-select-dropdown").getByTitle(receiverName).click();
  await expect(page.locator("#receiver").getByText("Số 1 phố Mẫu")).toBeVisible();
}

export async function fillLetter(clerk: Person, number: string, count: number) {
  const { page } = clerk;
  const letter = page.locator("#letter");
  await letter.getByLabel("Số công văn").fill(letterNumber(number));
  await clerk.fillDay(letter.getByLabel("Ngày ban hành"), today);
  await expect(letter.getByLabel("Trích yếu")).toHaveValue(/^V\/v /);
  await letter.getByLabel("Chức vụ người ký").fill("GIÁM ĐỐC");
  await letter.getByLabel("Họ tên người ký").fill("Nguyễn Văn Thủ Trưởng");
  await letter.getByLabel("Địa danh").fill("Lạng Sơn");
  await page.getByRole("button", { name: `Lấy theo danh sách: ${count}` }).click();
}

export async function exportLetter({ page }: Person, name: string) {
  await page.getByRole("button", { name: "Xuất văn bản" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /PDF/ }).click();
  return save(download, `${name}.pdf`);
}

export async function attach({ page }: Person, file: string, verdict: string | RegExp) {
  const letter = page.locator("#letter");
  await letter.locator("input[type=file]").setInputFiles(file);
  await expect(letter.locator(".d-verdict").getByText(verdict).first()).toBeVisible();
  await letter.locator(".d-verdict").evaluate((shown) => shown.scrollIntoView({ block: "center" }));
}

export const isValid = "Văn bản/Hồ sơ ký số hợp lệ";

export async function attachSigned(clerk: Person, name: string, number: string) {
  const signed = join(work, `${name}-da-ky.pdf`);
  signLetter(await exportLetter(clerk, name), signed, number);
  await attach(clerk, signed, isValid);
}

export async function submit(clerk: Person, picture?: string) {
  const { page } = clerk;
  await bar(page).getByRole("button", { name: "Nộp hồ sơ" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/Hồ sơ đã đủ/)).toBeVisible();
  const reasons = dialog.getByPlaceholder("Lý do vẫn đúng");
  for (let at = 0; at < (await reasons.count()); ++at) await reasons.nth(at).fill("Đã kiểm tra hồ sơ giấy");
  if (picture) await clerk.look(picture, { full: false });
  await dialog.getByRole("button", { name: "Nộp hồ sơ" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Chờ tiếp nhận").first()).toBeVisible();
}

// The certificates that a dossier 04 to 06 is about; gives the dialog, where the details follow.
export async function chooseCertificates(clerk: Person, names: RegExp[], picture?: string) {
  const { page } = clerk;
  await page.getByRole("button", { name: "Thêm yêu cầu" }).click();
  const dialog = page.getByRole("dialog");
  for (const name of names) await dialog.getByRole("checkbox", { name }).check();
  if (picture) await clerk.look(picture, { full: false });
  await dialog.getByRole("button", { name: "Chọn và tiếp tục" }).click();
  return dialog;
}

// -- officers ---------------------------------------------------------------------------------------------------------------
export async function receive(officer: Person, dossier: string, picture?: string) {
  const { page } = officer;
  await officer.go(`/ban-xu-ly/ho-so/${dossier}`);
  await page.getByRole("button", { name: "Tiếp nhận" }).click();
  await expect(page.getByText("Đang xử lý").first()).toBeVisible();
  await page.getByRole("button", { name: /^Duyệt tất cả đang chờ/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Đã kiểm tra, thông tin đúng." }).click();
  if (picture) await officer.look(picture, { full: false });
  await dialog.getByRole("button", { name: "Duyệt", exact: true }).click();
  await expect(dialog).toBeHidden();
}

const signing = { request: "Ký yêu cầu bằng khóa truy cập", approval: "Phê duyệt bằng khóa truy cập" };

export async function sign(officer: Person, dossier: string, what: keyof typeof signing, picture?: string) {
  const { page } = officer;
  const button = page.getByRole("button", { name: signing[what] });
  await officer.go(`/ban-xu-ly/ho-so/${dossier}/ky`);
  await expect(page.getByText("Đã đọc đủ nội dung, sẵn sàng ký.")).toBeVisible();
  if (picture) await officer.look(picture);
  await button.click();
  await expect(button).toBeHidden();
}

// The officers sign one after the other; the vault does what they have signed.
export async function carryOut([requester, ...approvers]: Person[], dossier: string, pictures: { request?: string; approval?: string; done?: string } = {}) {
  await sign(requester!, dossier, "request", pictures.request);
  for (const approver of approvers) await sign(approver, dossier, "approval", approver === approvers[0] ? pictures.approval : undefined);
  const last = approvers.at(-1)!;
  await expect(last.page.getByText("Đã thực hiện", { exact: true })).toBeVisible();
  if (pictures.done) await last.look(pictures.done);
}
