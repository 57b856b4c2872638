import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download, Page } from "@playwright/test";
import { account, expect, folder, kyso, mailTo, type Person, python, root, signLetter, test, timeStamps, today } from "./story.js";

const people40 = 40;
const number = "12/SM-VP";
interface Line {
  id: string;
  name: string;
  certificate?: { serial: string; issuer: string };
}
let work: string, id: string;
test.beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "kyso-story-"));
});
test.afterAll(() => rmSync(work, { recursive: true, force: true }));

async function save(download: Promise<Download>, name: string) {
  const path = join(work, name);
  await (await download).saveAs(path);
  return path;
}
const bar = (page: Page) => page.locator(".d-bar-sticky");
const saveDossier = async (page: Page) => {
  await bar(page).getByRole("button", { name: "Lưu", exact: true }).click();
  await expect(page.getByText("Mọi thay đổi đã được lưu")).toBeVisible();
};

async function newDossier(clerk: Person, kind: string) {
  const { page } = clerk;
  await clerk.go("/ho-so/moi");
  await page.getByRole("radio", { name: new RegExp(`^${kind} - `) }).check({ force: true });
  if (kind === "01") await clerk.look("ho-so-moi");
  await page.getByRole("button", { name: "Tạo hồ sơ" }).click();
  await page.waitForURL(/\/ho-so\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { name: "1. Thông tin chung hồ sơ" })).toBeVisible();
  return page.url().split("/").at(-1)!;
}

async function fillReceiver(clerk: Person) {
  const { page } = clerk;
  const receiver = page.locator("#receiver");
  await receiver.getByLabel("Họ và tên").fill("Nguyễn Thị Văn Thư");
  await receiver.getByLabel("Số CMND/CCCD/Hộ chiếu").fill("020190000001");
  await clerk.fillDay(receiver.getByLabel("Ngày cấp"), "2022-01-01");
  await receiver.getByLabel("Nơi cấp").fill("Cục Cảnh sát QLHC về TTXH");
  await receiver.getByLabel("Chức vụ").fill("Văn thư");
  await receiver.getByLabel("Điện thoại").fill("0912345678");
  await receiver.getByLabel("Địa chỉ thư công vụ").fill("vanthu@coquanmau.gov.vn");
  await receiver.getByLabel("Địa chỉ tiếp nhận").fill("Số 1 phố Mẫu");
}

async function fillLetter(clerk: Person) {
  const { page } = clerk;
  const letter = page.locator("#letter");
  await letter.getByLabel("Số công văn").fill(number);
  await clerk.fillDay(letter.getByLabel("Ngày ban hành"), today);
  await expect(letter.getByLabel("Trích yếu")).toHaveValue(/^V\/v /);
  await letter.getByLabel("Chức vụ người ký").fill("GIÁM ĐỐC");
  await letter.getByLabel("Họ tên người ký").fill("Nguyễn Văn Thủ Trưởng");
  await letter.getByLabel("Địa danh").fill("Lạng Sơn");
}

async function exportLetter({ page }: Person, name: string) {
  await page.getByRole("button", { name: "Xuất văn bản" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: /PDF/ }).click();
  return save(download, name);
}

const showVerdict = (page: Page) => page.locator("#letter .d-verdict").evaluate((verdict) => verdict.scrollIntoView({ block: "center" }));

async function attachSigned(clerk: Person, name: string) {
  const unsigned = await exportLetter(clerk, `${name}.pdf`), signed = join(work, `${name}-da-ky.pdf`);
  signLetter(unsigned, signed, "12");
  await clerk.page.locator("#letter input[type=file]").setInputFiles(signed);
  await expect(clerk.page.locator("#letter").getByText("Văn bản/Hồ sơ ký số hợp lệ").first()).toBeVisible({ timeout: 30_000 });
}

async function submit(clerk: Person, picture?: string) {
  const { page } = clerk;
  await bar(page).getByRole("button", { name: "Nộp hồ sơ" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/Hồ sơ đã đủ/)).toBeVisible();
  const reasons = dialog.getByPlaceholder("Lý do vẫn đúng");
  for (let at = 0; at < (await reasons.count()); ++at) await reasons.nth(at).fill("Đã kiểm tra hồ sơ giấy");
  if (picture) await clerk.look(picture, { full: false });
  await dialog.getByRole("button", { name: "Nộp hồ sơ" }).click();
  await expect(dialog).toBeHidden({ timeout: 30_000 });
  await expect(page.getByText("Chờ tiếp nhận").first()).toBeVisible();
}

// A key and its request, as a server's or a person's own program makes them.
function makeRequest(name: string) {
  const base = join(work, name);
  execFileSync("openssl", ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${base}.key.pem`, "-out", `${base}.csr`, "-subj", "/CN=x"], { stdio: "ignore" });
  return `${base}.csr`;
}

async function receive(officer: Person, dossier: string, picture?: string) {
  const { page } = officer;
  await officer.go(`/ban-xu-ly/ho-so/${dossier}`);
  await page.getByRole("button", { name: "Tiếp nhận" }).click();
  await expect(page.getByText("Đang xử lý").first()).toBeVisible();
  await page.getByRole("button", { name: /^Duyệt tất cả đang chờ/ }).click();
  const dialog = page.getByRole("dialog");
  const reason = dialog.getByLabel("Lý do, ghi chú");
  await expect(reason).toBeVisible();
  await dialog.getByRole("button", { name: "Đã kiểm tra, thông tin đúng." }).click();
  if (picture) await officer.look(picture, { full: false });
  await dialog.getByRole("button", { name: "Duyệt", exact: true }).click();
  await expect(dialog).toBeHidden();
}

async function sign(officer: Person, dossier: string, button: string, picture?: string) {
  const { page } = officer;
  await officer.go(`/ban-xu-ly/ho-so/${dossier}/ky`);
  const press = page.getByRole("button", { name: button });
  await expect(press).toBeEnabled();
  await expect(page.getByText("Đã đọc đủ nội dung, sẵn sàng ký.")).toBeVisible();
  if (picture) await officer.look(picture, { full: false });
  await press.click();
  await expect(page.getByText(button.startsWith("Ký") ? "Đã ký yêu cầu" : "Đã phê duyệt").first()).toBeVisible({ timeout: 30_000 });
}

test.describe.serial("a dossier for forty people", () => {
  test("is drafted and filled from Excel; faults stand beside their cells", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    id = await newDossier(clerk, "01");
    await clerk.look("ho-so-trong");

    const template = page.waitForEvent("download");
    await page.getByRole("button", { name: "Tải tập tin mẫu" }).click();
    const empty = await save(template, "mau-01.xlsx"), full = join(work, "danh-sach.xlsx");
    const fill = (...faults: string[]) => python(join(root, "tests/portal/fill_template.py"), empty, full, String(people40), ...(faults.length > 0 ? ["--faulty", ...faults] : []));
    fill("3:Ngày sinh:31/02/1990", "7:Số CMND, CCCD, HC:12345", "12:Địa chỉ thư điện tử công vụ:canbo@gmail.com", "20:Họ tên:");
    await page.getByRole("button", { name: "Import Excel" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Nhập danh sách từ Excel" })).toBeVisible();
    await page.locator("input[type=file]").setInputFiles(full);
    await expect(page.getByRole("heading", { name: "2. Xem trước" })).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText(/^40 dòng: 37 tương thích, 3 có lỗi$/)).toBeAttached();
    await page.getByText("Chỉ dòng có vấn đề").click();
    await expect(page.getByText("12345", { exact: true }).first()).toBeVisible();
    await clerk.look("nhap-excel-loi", { full: false });

    fill();
    await page.locator("input[type=file]").setInputFiles(full);
    await expect(page.getByText(/^40 dòng: 40 tương thích, 0 có lỗi$/)).toBeAttached({ timeout: 30_000 });
    await clerk.look("nhap-excel", { full: false });
    await page.getByRole("button", { name: "Thêm 40 dòng vào hồ sơ" }).click();
    await page.waitForURL(/\/ho-so\/[0-9a-f-]{36}$/);
    await expect(page.getByText("Tất cả (40)")).toBeVisible();

    await fillReceiver(clerk);
    await fillLetter(clerk);
    await page.getByRole("button", { name: "Lấy theo danh sách: 40" }).click();
    await saveDossier(page);
    await clerk.look("ho-so-da-nhap", { full: false });
  });

  test("an unsigned letter is refused with its reason, the signed one is accepted", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    const letter = page.locator("#letter");
    const unsigned = await exportLetter(clerk, "cong-van.pdf");
    await letter.locator("input[type=file]").setInputFiles(unsigned);
    await expect(letter.getByText(/chưa được ký số/).first()).toBeVisible({ timeout: 30_000 });
    await showVerdict(page);
    await clerk.look("van-ban-chua-ky", { full: false });

    await bar(page).getByRole("button", { name: "Nộp hồ sơ" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText("Việc phải làm", { exact: true })).toBeVisible();
    await expect(dialog.getByRole("button", { name: "Nộp hồ sơ" })).toBeDisabled();
    await clerk.look("nop-bi-chan", { full: false });
    await dialog.getByRole("button", { name: "Đóng" }).last().click();

    signLetter(unsigned, join(work, "da-ky.pdf"), "12");
    await letter.locator("input[type=file]").setInputFiles(join(work, "da-ky.pdf"));
    await expect(letter.getByText("Văn bản/Hồ sơ ký số hợp lệ").first()).toBeVisible({ timeout: 30_000 });
    await showVerdict(page);
    await clerk.look("van-ban-da-ky", { full: false });
  });

  test("keys are brought, the dossier is submitted", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    const { items } = await clerk.call<{ items: Line[] }>("GET", `/api/v1/dossiers/${id}/lines?limit=100`);
    expect(items).toHaveLength(people40);
    // One as the screen has it, the others the same way at once.
    await page.getByRole("button", { name: `Tải lên PKCS#10 của ${items[0]!.name}` }).first().click();
    const dialog = page.getByRole("dialog");
    await clerk.look("pkcs10", { full: false });
    await dialog.locator("input[type=file]").setInputFiles(makeRequest("nguoi-1"));
    await expect(dialog).toBeHidden();
    for (const [at, line] of items.entries())
      if (at > 0) await clerk.call("PUT", `/api/v1/dossiers/${id}/lines/${line.id}/pkcs10`, { file: { name: "yeu-cau.csr", mimeType: "application/pkcs10", buffer: readFileSync(makeRequest(`nguoi-${at + 1}`)) } });
    await clerk.go(`/ho-so/${id}`);
    await submit(clerk, "nop-ho-so");
    await clerk.look("ho-so-da-nop", { full: false });
    await clerk.go("/ho-so/da-nop");
    await expect(page.getByText(number).first()).toBeVisible();
    await clerk.look("danh-sach-da-nop");
  });

  test("officers receive, check and decide", async ({ people }) => {
    const [receiving] = await people.officers();
    const { page } = receiving!;
    await receiving!.go("/ban-xu-ly");
    await receiving!.look("ban-xu-ly");
    await receiving!.go("/ban-xu-ly/waiting");
    await expect(page.getByText(number).first()).toBeVisible();
    await receiving!.look("hang-doi");
    await receive(receiving!, id, "duyet");
    await receiving!.look("xu-ly-ho-so", { full: false });
  });

  test("three officers sign exactly what is shown; the vault issues", async ({ people }) => {
    const [receiving, checking, approving] = await people.officers();
    await sign(receiving!, id, "Ký yêu cầu bằng khóa truy cập", "lap-yeu-cau");
    await sign(checking!, id, "Phê duyệt bằng khóa truy cập", "phe-duyet");
    await sign(approving!, id, "Phê duyệt bằng khóa truy cập");
    await expect(approving!.page.getByText("Đã thực hiện").first()).toBeVisible({ timeout: 60_000 });
    await approving!.look("da-thuc-hien");

    const clerk = await people.signedIn("van-thu");
    await clerk.go(`/ho-so/${id}`);
    await expect(clerk.page.getByText("Hoàn thành").first()).toBeVisible();
    await clerk.look("ho-so-hoan-thanh", { full: false });
    const { items } = await clerk.call<{ items: Line[] }>("GET", `/api/v1/dossiers/${id}/lines?limit=100`);
    expect(items.filter((line) => line.certificate)).toHaveLength(people40);
    await mailTo("canbo01@coquanmau.gov.vn", new RegExp(items[0]!.certificate!.serial));
    await mailTo(account("van-thu").email, /12\/SM-VP/);
  });

  test("the certificates work: they are found, and a signed document is valid in the browser", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    await clerk.go("/danh-muc/chung-thu-so");
    await page.getByRole("main").getByText("Nguyễn Văn A").first().click();
    await expect(page.getByRole("heading", { level: 1, name: "Nguyễn Văn A" })).toBeVisible();
    await clerk.look("chung-thu-so");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: /PEM/ }).first().click();
    const pem = await save(download, "nguoi-1.pem");
    const issuer = readFileSync(join(folder(), "ceremony/certificates/CPCA_G1.crt"), "utf8");
    writeFileSync(join(work, "chain.pem"), readFileSync(pem, "utf8") + issuer);
    kyso("sign", join(root, "tests/data/pdf/vn-cong-van.pdf"), "-o", join(work, "ky.pdf"), "--role", "plain", "--holder", `pem:${work}/nguoi-1.key.pem,${work}/chain.pem`, "--tsa", timeStamps());
    await clerk.go("/xac-thuc-van-ban");
    await page.locator("input[type=file]").setInputFiles(join(work, "ky.pdf"));
    await expect(page.getByRole("heading", { name: "Chữ ký hợp lệ" })).toBeVisible({ timeout: 30_000 });
    await clerk.look("xac-thuc-chung-thu-moi");
  });
});

test.describe.serial("after that", () => {
  test("a certificate is revoked by a dossier 05", async ({ people }) => {
    const clerk = await people.signedIn("van-thu"), [receiving, , approving] = await people.officers();
    const { page } = clerk;
    const dossier = await newDossier(clerk, "05");
    await page.getByRole("button", { name: "Thêm yêu cầu" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("checkbox", { name: /Trần Thị A/ }).check();
    await clerk.look("chon-chung-thu-so", { full: false });
    await dialog.getByRole("button", { name: "Chọn và tiếp tục" }).click();
    await dialog.getByLabel("Lý do", { exact: true }).click();
    await page.getByTitle("Đã có chứng thư số thay thế").click();
    await dialog.getByLabel("Diễn giải lý do").fill("Chuyển công tác");
    await dialog.getByRole("button", { name: "Thêm 1 yêu cầu" }).click();
    await expect(dialog).toBeHidden();
    await fillLetter(clerk);
    await page.getByRole("button", { name: "Lấy theo danh sách: 1" }).click();
    await saveDossier(page);
    await attachSigned(clerk, "thu-hoi");
    await clerk.look("thu-hoi");
    await submit(clerk);
    await receive(receiving!, dossier);
    await sign(receiving!, dossier, "Ký yêu cầu bằng khóa truy cập", "lap-yeu-cau-thu-hoi");
    await sign(approving!, dossier, "Phê duyệt bằng khóa truy cập");
    await expect(approving!.page.getByText("Đã thực hiện").first()).toBeVisible({ timeout: 60_000 });
    const found = await clerk.call<{ items: { state: string; serial: string }[] }>("GET", "/api/v1/certificates?email=canbo02@coquanmau.gov.vn");
    expect(found.items.map((one) => one.state)).toEqual(["revoked"]);
    await clerk.go(`/tra-cuu/chung-thu-so?serial=${found.items[0]!.serial}`);
    await expect(page.getByRole("main").getByText("Đã thu hồi").first()).toBeVisible();
    await clerk.look("tra-cuu-chung-thu-so");
  });

  test("another is renewed by a dossier 04; a letter without a seal is told", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    await clerk.go("/danh-muc/chung-thu-so");
    await page.getByRole("main").getByText("Lê Văn A").first().click();
    await page.getByRole("button", { name: "Lập hồ sơ 04" }).click();
    await page.waitForURL(/\/ho-so\/[0-9a-f-]{36}$/);
    await expect(page.getByText("Tất cả (1)")).toBeVisible();
    await fillReceiver(clerk);
    await fillLetter(clerk);
    await saveDossier(page);
    await clerk.look("gia-han");
    const unsigned = await exportLetter(clerk, "gia-han.pdf");
    const unsealed = signLetter(unsigned, join(work, "gia-han-chua-dong-dau.pdf"), "12", "--no-seal", "--no-time-stamps").trim();
    await page.locator("#letter input[type=file]").setInputFiles(unsealed);
    await expect(page.locator("#letter").getByText("Văn bản/Hồ sơ ký số không hợp lệ").first()).toBeVisible({ timeout: 30_000 });
    await showVerdict(page);
    await clerk.look("van-ban-thieu-dau", { full: false });
  });

  test("a recovery of a token is asked for by a dossier 06", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    await newDossier(clerk, "06");
    await expect(page.getByText("Người phối hợp thực hiện khôi phục")).toBeVisible();
    await page.getByRole("button", { name: "Thêm yêu cầu" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("checkbox", { name: /Phạm Thị A/ }).check();
    await dialog.getByRole("button", { name: "Chọn và tiếp tục" }).click();
    await dialog.getByLabel("Diễn giải lý do").fill("Nhập sai mã PIN nhiều lần");
    await clerk.look("khoi-phuc", { full: false });
    await dialog.getByRole("button", { name: "Đóng" }).last().click();
  });
});
