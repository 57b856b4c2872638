import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attach, attachSigned, bar, carryOut, chooseCertificates, exportLetter, fillLetter, fillReceiver, isValid, letterNumber, linesOf, makeRequest, newDossier, opened, receive, save, saveDossier, submit, takeReceiver, work } from "./dossier-steps.js";
import { account, expect, folder, kyso, mailTo, python, root, signLetter, test, timeStamps } from "./story.js";

const people40 = 40;
let id: string;

test.describe.serial("a dossier for forty people", () => {
  test("is drafted and filled from Excel; faults stand beside their cells", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    id = await newDossier(clerk, "01", "ho-so-moi");
    await clerk.look("ho-so-trong");

    const template = page.waitForEvent("download");
    await page.getByRole("button", { name: "Tải tập tin mẫu" }).click();
    const empty = await save(template, "mau-01.xlsx"), full = join(work, "danh-sach.xlsx");
    const fill = (...faults: string[]) => python(join(root, "tests/portal/fill_template.py"), empty, full, String(people40), ...(faults.length > 0 ? ["--faulty", ...faults] : []));
    fill("3:Ngày sinh:31/02/1990", "7:Số CMND, CCCD, HC:12345", "12:Địa chỉ thư điện tử công vụ:canbo@gmail.com", "20:Họ tên:");
    await page.getByRole("button", { name: "Import Excel" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Nhập danh sách từ Excel" })).toBeVisible();
    await page.locator("input[type=file]").setInputFiles(full);
    await expect(page.getByRole("heading", { name: "2. Xem trước" })).toBeVisible();
    await expect(page.getByText(/^40 dòng: 37 tương thích, 3 có lỗi$/)).toBeAttached();
    await page.getByText("Chỉ dòng có vấn đề").click();
    await expect(page.getByText("12345", { exact: true }).first()).toBeVisible();
    await clerk.look("nhap-excel-loi");

    fill();
    await page.locator("input[type=file]").setInputFiles(full);
    await expect(page.getByText(/^40 dòng: 40 tương thích, 0 có lỗi$/)).toBeAttached();
    await clerk.look("nhap-excel", { full: false });
    await page.getByRole("button", { name: "Thêm 40 dòng vào hồ sơ" }).click();
    await page.waitForURL(/\/ho-so\/[0-9a-f-]{36}$/);
    await expect(page.getByText("Tất cả (40)")).toBeVisible();

    await fillReceiver(clerk);
    await fillLetter(clerk, "12", people40);
    await saveDossier(page);
    await clerk.look("ho-so-da-nhap", { full: false });
  });

  test("an unsigned letter and another number of requests are refused with their reasons; the signed letter is accepted", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    const unsigned = await exportLetter(clerk, "cong-van");
    await attach(clerk, unsigned, /chưa được ký số/);
    await clerk.look("van-ban-chua-ky", { full: false });

    const count = page.getByLabel("Số lượng YC");
    await count.fill(String(people40 + 1));
    await bar(page).getByRole("button", { name: "Nộp hồ sơ" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText("Việc phải làm", { exact: true })).toBeVisible();
    await expect(dialog.getByText("Không nộp được hồ sơ do văn bản chưa được ký số hoặc chữ ký số không hợp lệ")).toBeVisible();
    await expect(dialog.getByText("Bạn nhập số lượng yêu cầu chưa đủ so với trên văn bản")).toBeVisible();
    await expect(dialog.getByRole("button", { name: "Nộp hồ sơ" })).toBeDisabled();
    await clerk.look("nop-bi-chan", { full: false });
    await dialog.getByRole("button", { name: "Đóng" }).last().click();
    await page.getByRole("button", { name: "Lấy theo danh sách: 40" }).click();
    await saveDossier(page);

    signLetter(unsigned, join(work, "da-ky.pdf"), "12");
    await attach(clerk, join(work, "da-ky.pdf"), isValid);
    await clerk.look("van-ban-da-ky", { full: false });
  });

  test("keys are brought, the dossier is submitted", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    const lines = await linesOf(clerk, id);
    expect(lines).toHaveLength(people40);
    // One as the screen has it, the others the same way at once.
    await page.getByRole("button", { name: `Tải lên PKCS#10 của ${lines[0]!.name}` }).first().click();
    const dialog = page.getByRole("dialog");
    await clerk.look("pkcs10", { full: false });
    await dialog.locator("input[type=file]").setInputFiles(makeRequest("nguoi-1"));
    await expect(dialog).toBeHidden();
    for (const [at, line] of lines.entries())
      if (at > 0) await clerk.call("PUT", `/api/v1/dossiers/${id}/lines/${line.id}/pkcs10?revision=${line.revision}`, { file: { name: "yeu-cau.csr", mimeType: "application/pkcs10", buffer: readFileSync(makeRequest(`nguoi-${at + 1}`)) } });
    await clerk.go(`/ho-so/${id}`);
    await submit(clerk, "nop-ho-so");
    await clerk.look("ho-so-da-nop", { full: false });
    await clerk.go("/ho-so/da-nop");
    await expect(page.getByText(letterNumber("12")).first()).toBeVisible();
    await clerk.look("danh-sach-da-nop");
  });

  test("officers receive, check and decide", async ({ people }) => {
    const [receiving] = await people.officers();
    const { page } = receiving!;
    await receiving!.go("/ban-xu-ly");
    await receiving!.look("ban-xu-ly");
    await receiving!.go("/ban-xu-ly/waiting");
    await expect(page.getByText(letterNumber("12")).first()).toBeVisible();
    await receiving!.look("hang-doi");
    await receive(receiving!, id, "duyet");
    await receiving!.look("xu-ly-ho-so", { full: false });
  });

  test("three officers sign exactly what is shown; the vault issues; everybody is told", async ({ people }) => {
    await carryOut(await people.officers(), id, { request: "lap-yeu-cau", approval: "phe-duyet", done: "da-thuc-hien" });
    const clerk = await people.signedIn("van-thu");
    await clerk.go(`/ho-so/${id}`);
    await expect(clerk.page.getByText("Hoàn thành").first()).toBeVisible();
    await clerk.look("ho-so-hoan-thanh", { full: false });
    const issued = (await linesOf(clerk, id)).flatMap(({ certificate }) => certificate ?? []);
    expect(issued).toHaveLength(people40);
    await mailTo("canbo01@coquanmau.gov.vn", new RegExp(`đã được cấp[^]*${issued[0]!.serial}`));
    await mailTo(account("van-thu").email, /đã được giải quyết xong[^]*12\/SM-VP/);
  });

  test("the certificates work: they are found, and a signed document is valid in the browser", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    await clerk.go("/danh-muc/chung-thu-so");
    const certificates = page.getByRole("table", { name: "Chứng thư số và thiết bị" });
    await expect(certificates.getByText("Nguyễn Văn A", { exact: true })).toBeVisible();
    await clerk.look("chung-thu-so-va-thiet-bi", { full: false });
    await certificates.getByRole("row").filter({ hasText: "canbo01@coquanmau.gov.vn" }).getByRole("link").click();
    await expect(page.getByRole("heading", { level: 1, name: "Nguyễn Văn A" })).toBeVisible();
    await clerk.look("chung-thu-so");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: /PEM/ }).click();
    const pem = await save(download, "nguoi-1.pem");
    const issuer = readFileSync(join(folder(), "ceremony/certificates/CPCA_G1.crt"), "utf8");
    writeFileSync(join(work, "chain.pem"), readFileSync(pem, "utf8") + issuer);
    kyso(["sign", join(root, "tests/data/pdf/vn-cong-van.pdf"), "-o", join(work, "ky.pdf"), "--role", "plain", "--holder", `pem:${work}/nguoi-1.key.pem,${work}/chain.pem`, "--tsa", timeStamps()]);
    await clerk.go("/xac-thuc-van-ban");
    await page.locator("input[type=file]").setInputFiles(join(work, "ky.pdf"));
    await expect(page.getByRole("heading", { name: "Chữ ký hợp lệ" })).toBeVisible();
    await clerk.look("xac-thuc-chung-thu-moi");
  });

  test("one of them is renewed and another changed by a dossier 04; a letter without seal and time-stamps is told", async ({ people }) => {
    const clerk = await people.signedIn("van-thu"), officers = await people.officers();
    const { page } = clerk;
    await clerk.go("/danh-muc/chung-thu-so");
    await page.getByRole("row").filter({ hasText: "canbo03@coquanmau.gov.vn" }).getByRole("link").click();
    await page.getByRole("button", { name: "Lập hồ sơ 04" }).click();
    const dossier = await opened(clerk);
    await expect(page.getByText("Tất cả (1)")).toBeVisible();

    const details = await chooseCertificates(clerk, [/Phạm Thị A/], "chon-chung-thu-so-04");
    await details.getByText("Thay đổi nội dung thông tin").click();
    await details.getByRole("button", { name: "Thêm 1 yêu cầu" }).click();
    const drawer = page.getByRole("dialog").filter({ hasText: "Thông tin thuê bao" });
    await drawer.getByLabel("Chức vụ").fill("Phó Trưởng phòng");
    await drawer.getByLabel("Tệp PKCS#10").check();
    await clerk.look("thay-doi-noi-dung", { full: false });
    await drawer.getByRole("button", { name: "Lưu", exact: true }).click();
    await expect(drawer).toBeHidden();
    await expect(page.getByText("Tất cả (2)")).toBeVisible();
    const lines = await linesOf(clerk, dossier);
    for (const line of lines) await clerk.call("PUT", `/api/v1/dossiers/${dossier}/lines/${line.id}/pkcs10?revision=${line.revision}`, { file: { name: "yeu-cau.csr", mimeType: "application/pkcs10", buffer: readFileSync(makeRequest(`doi-${line.id}`)) } });
    await clerk.go(`/ho-so/${dossier}`);

    await takeReceiver(clerk);
    await fillLetter(clerk, "13", 2);
    await saveDossier(page);
    await clerk.look("gia-han");
    const unsealed = signLetter(await exportLetter(clerk, "gia-han-thieu-dau"), join(work, "gia-han-thieu-dau-da-ky.pdf"), "13", "--no-seal", "--no-time-stamps").trim();
    await attach(clerk, unsealed, "Văn bản/Hồ sơ ký số không hợp lệ");
    await clerk.look("van-ban-thieu-dau", { full: false });
    await attachSigned(clerk, "gia-han", "13");
    await submit(clerk);
    await receive(officers[0]!, dossier);
    await carryOut(officers, dossier, { request: "lap-yeu-cau-gia-han" });

    await clerk.go(`/ho-so/${dossier}`);
    await expect(page.getByText("Hoàn thành").first()).toBeVisible();
    const [renewed, changed] = await linesOf(clerk, dossier);
    await mailTo("canbo03@coquanmau.gov.vn", new RegExp(`đã được cấp[^]*${renewed!.certificate!.serial}`));
    await mailTo("canbo04@coquanmau.gov.vn", new RegExp(`đã được cấp[^]*${changed!.certificate!.serial}`));
    await clerk.go(`/danh-muc/chung-thu-so/${changed!.certificate!.issuer}/${changed!.certificate!.serial}`);
    await expect(page.getByText("Phó Trưởng phòng").first()).toBeVisible();
    await expect(page.getByText("Thay cho chứng thư số")).toBeVisible();
    await clerk.look("chung-thu-so-thay-doi");
  });

  test("another is revoked by a dossier 05, within hours", async ({ people }) => {
    const clerk = await people.signedIn("van-thu"), [receiving, , approving] = await people.officers();
    const { page } = clerk;
    const dossier = await newDossier(clerk, "05");
    const details = await chooseCertificates(clerk, [/Trần Thị A/], "chon-chung-thu-so");
    await details.getByLabel("Lý do", { exact: true }).click();
    await page.getByTitle("Thay đổi thông tin, chuyển công tác").click();
    await details.getByLabel("Diễn giải lý do").fill("Chuyển công tác");
    await clerk.look("ly-do-thu-hoi", { full: false });
    await details.getByRole("button", { name: "Thêm 1 yêu cầu" }).click();
    await expect(details).toBeHidden();
    await fillLetter(clerk, "14", 1);
    await saveDossier(page);
    await attachSigned(clerk, "thu-hoi", "14");
    await clerk.look("thu-hoi");
    await submit(clerk);
    await receive(receiving!, dossier);
    await carryOut([receiving!, approving!], dossier, { request: "lap-yeu-cau-thu-hoi" });

    const { serial } = (await clerk.call<{ items: { serial: string }[] }>("GET", "/api/v1/certificates?email=canbo02@coquanmau.gov.vn&state=revoked")).items[0]!;
    await mailTo("canbo02@coquanmau.gov.vn", new RegExp(`đã bị thu hồi[^]*${serial}`));
    await clerk.go(`/tra-cuu/chung-thu-so?serial=${serial}`);
    await expect(page.getByRole("main").getByText("Đã thu hồi").first()).toBeVisible();
    await clerk.look("tra-cuu-chung-thu-so");
  });
});
