import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attachSigned, carryOut, chooseCertificates, fillLetter, fillReceiver, letterNumber, linesOf, newDossier, receive, save, saveDossier, submit, takeReceiver, work } from "./dossier-steps.js";
import { expect, folder, kyso, mailTo, officersUrl, type Person, root, test } from "./story.js";
import { population } from "./stories-setup.js";

const [holder] = population;
const email = "phamthid@coquanmau.gov.vn";
const modules = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"];

// The officers' computer with the tokens: no browser, kyso desk.
const station = {
  folder: join(work, "station"),
  letters: join(work, "station/letters"),
  module: modules.find((path) => existsSync(path))!,
  set() {
    mkdirSync(join(this.folder, "tokens"), { recursive: true });
    mkdirSync(this.letters, { mode: 0o700 });
    writeFileSync(join(this.folder, "softhsm2.conf"), `directories.tokendir = ${this.folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n`);
  },
  kyso(...words: string[]) {
    return kyso(words, { SOFTHSM2_CONF: join(this.folder, "softhsm2.conf"), HOME: this.folder, XDG_CONFIG_HOME: join(this.folder, "config") });
  },
  desk(what: "personalise" | "unlock", ...more: string[]) {
    const officer = join(folder(), "officers/nguyen-van-a");
    return this.kyso("desk", what, "--module", this.module, "--pin-letters", this.letters, ...more, "--server", officersUrl(), "--holder", `pem:${officer}.key.pem,${officer}.cert.pem`);
  },
  personalise() {
    return this.desk("personalise", "--escrow", join(folder(), "ceremony/certificates/escrow-1.crt"));
  },
  // From the letter that was printed last.
  pin() {
    const letters = readdirSync(this.letters).map((name) => join(this.letters, name));
    const last = letters.toSorted((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs).at(-1)!;
    return /^(?:Mã )?PIN: (\S+)$/m.exec(readFileSync(last, "utf8"))![1]!;
  },
  sign(serial: string, pin: string, out: string) {
    writeFileSync(join(this.folder, "pin.txt"), `${pin}\n`);
    this.kyso("sign", join(root, "tests/data/pdf/vn-cong-van.pdf"), "-o", join(work, out), "--role", "plain", "--holder", `pkcs11:serial=${serial}?module-path=${this.module}`, "--pin-file", join(this.folder, "pin.txt"));
  },
};

async function handOver(officer: Person, dossier: string, picture: string) {
  const { page } = officer;
  await officer.go(`/ban-xu-ly/ho-so/${dossier}`);
  const handingOver = page.getByRole("button", { name: "Bàn giao", exact: true });
  await expect(handingOver).toBeVisible();
  // What is issued can be neither refused nor returned.
  await expect(page.getByRole("button", { name: "Từ chối xử lý" })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Yêu cầu bổ sung" })).toHaveCount(0);
  await handingOver.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Người nhận", { exact: true })).toHaveValue("Nguyễn Thị Văn Thư");
  await officer.look(picture, { full: false });
  await dialog.getByRole("button", { name: "Xác nhận" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText("Hoàn thành").first()).toBeVisible();
}

let id: string, serial: string, pin: string;

test.describe.serial("a person's token", () => {
  test("is asked for by hand; the population database knows better", async ({ people }) => {
    const clerk = await people.signedIn("van-thu");
    const { page } = clerk;
    id = await newDossier(clerk, "01");
    await page.getByRole("button", { name: "Thêm yêu cầu" }).click();
    const drawer = page.getByRole("dialog").filter({ hasText: "Thông tin thuê bao" });
    await drawer.getByLabel("Họ tên").fill(holder.name);
    await clerk.fillDay(drawer.getByLabel("Ngày sinh"), "1993-02-12");
    await drawer.getByLabel("Số định danh cá nhân").fill(holder.identity_number);
    await clerk.fillDay(drawer.getByLabel("Ngày cấp"), "2021-04-06");
    await drawer.getByLabel("Nơi cấp").fill("Cục Cảnh sát QLHC về TTXH");
    await clerk.chooseOrganisation("so mau", "Cơ quan mẫu: Sở Mẫu", drawer.getByRole("button", { name: /^Tìm theo phân cấp/ }));
    await drawer.getByLabel("Tỉnh, thành phố").fill("lang son");
    await page.locator(".ant-select-dropdown").getByTitle("Lạng Sơn").click();
    await drawer.getByLabel("Chức vụ").fill("Chuyên viên");
    await drawer.getByLabel("Địa chỉ thư điện tử công vụ").fill(email);
    await drawer.getByLabel("Số điện thoại di động").fill("0912 345 679");
    await drawer.getByRole("button", { name: "Lưu", exact: true }).click();
    await expect(drawer.getByText("Thông tin cá nhân không phù hợp với DLQGvDC không thể thêm mới").first()).toBeVisible();
    await clerk.look("khong-phu-hop-dlqgvdc", { full: false });
    await clerk.fillDay(drawer.getByLabel("Ngày sinh"), holder.date_of_birth);
    await expect(drawer.getByText("Thông tin cá nhân không phù hợp")).toHaveCount(0);
    await drawer.getByRole("button", { name: "Lưu", exact: true }).click();
    await expect(drawer).toBeHidden();
    await expect(page.getByText("Tất cả (1)")).toBeVisible();

    await fillReceiver(clerk);
    await fillLetter(clerk, "21", 1);
    await saveDossier(page);
    await attachSigned(clerk, "cap-moi-token", "21");
    await submit(clerk);
  });

  test("is made at the station, and its certificate is issued", async ({ people }) => {
    const officers = await people.officers(), [receiving] = officers;
    const { page } = receiving!;
    await receive(receiving!, id);
    await expect(page.getByRole("main").getByText("Chờ tạo khóa")).toBeVisible();
    await receiving!.look("cho-tao-khoa", { full: false });
    station.set();
    station.personalise();
    pin = station.pin();
    await carryOut(officers, id);
    station.personalise();

    await receiving!.go("/danh-muc/thiet-bi");
    const row = page.getByRole("row").filter({ hasText: holder.name });
    await expect(row).toContainText("Đã nạp khóa");
    serial = (await row.getByRole("cell").first().innerText()).trim();
    await page.getByRole("button", { name: "Nhập kho" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Loại thiết bị").fill("SafeNet eToken 5110");
    await dialog.getByLabel("Danh sách số hiệu").fill("029D9FA9\n0294B2B1");
    await dialog.getByRole("button", { name: "Nhập 2 thiết bị" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole("row").filter({ hasText: "029D9FA9" })).toBeVisible();
    await receiving!.look("kho-thiet-bi");
  });

  test("is handed over with a record, and signs", async ({ people }) => {
    const [receiving] = await people.officers(), clerk = await people.signedIn("van-thu");
    const { page } = receiving!;
    await receiving!.go(`/ban-xu-ly/ho-so/${id}`);
    await page.getByRole("button", { name: "Hẹn trả" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Nơi trả").fill("Bộ phận một cửa");
    await dialog.getByRole("button", { name: "Lưu" }).click();
    await expect(dialog.getByText("là trường bắt buộc")).toBeVisible();
    await receiving!.fillDay(dialog.getByLabel("Ngày hẹn trả"), new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Ho_Chi_Minh" }).format(Date.now() + 86_400_000));
    await dialog.getByRole("button", { name: "Lưu" }).click();
    await expect(dialog).toBeHidden();
    await handOver(receiving!, id, "ban-giao");
    await mailTo("vanthu@coquanmau.gov.vn", /đã được giải quyết xong[^]*21\/SM-VP/);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Biên bản bàn giao (Mẫu 07)" }).click();
    expect(readFileSync(await save(download, "ban-giao.pdf")).subarray(0, 4).toString()).toBe("%PDF");
    await receiving!.look("da-ban-giao", { full: false });
    await mailTo(email, /đã được cấp/);
    station.sign(serial, pin, "ky-bang-token.pdf");

    await clerk.go("/ho-so/da-hoan-thanh");
    await expect(clerk.page.getByText(letterNumber("21"))).toBeVisible();
    await clerk.look("danh-sach-da-hoan-thanh");
  });

  test("is blocked, and recovered by a dossier 06", async ({ people }) => {
    const clerk = await people.signedIn("van-thu"), officers = await people.officers(), [receiving] = officers;
    const { page } = clerk;
    const recovery = await newDossier(clerk, "06");
    const coordinator = page.getByRole("region", { name: "Người phối hợp thực hiện khôi phục" });
    await coordinator.getByLabel("Họ và tên").fill("Nguyễn Thị Văn Thư");
    await coordinator.getByLabel("Chức vụ").fill("Văn thư");
    await coordinator.getByLabel("Điện thoại").fill("0912345678");
    await coordinator.getByLabel("Địa chỉ thư công vụ").fill("vanthu@coquanmau.gov.vn");
    await takeReceiver(clerk);
    const details = await chooseCertificates(clerk, [new RegExp(holder.name)], "chon-thiet-bi");
    await details.getByLabel("Diễn giải lý do").fill("Nhập sai mã PIN nhiều lần");
    await clerk.look("khoi-phuc", { full: false });
    await details.getByRole("button", { name: "Thêm 1 yêu cầu" }).click();
    await expect(page.getByText("Tất cả (1)")).toBeVisible();
    await fillLetter(clerk, "22", 1);
    await saveDossier(page);
    await clerk.look("ho-so-khoi-phuc");
    await attachSigned(clerk, "khoi-phuc", "22");
    await submit(clerk);

    await receive(receiving!, recovery);
    await expect(receiving!.page.getByText("Khôi phục thiết bị", { exact: true }).first()).toBeVisible();
    await receiving!.look("khoi-phuc-tiep-nhan", { full: false });
    await receiving!.go(`/ban-xu-ly/ho-so/${recovery}/ky`);
    await expect(receiving!.page.getByText("trạm xử lý chưa gửi khóa một lần")).toBeVisible();
    await receiving!.look("cho-tram", { full: false });
    // The station asks; the SO-PIN is released to it when the officers have approved, and only then.
    station.desk("unlock");
    expect(station.pin()).toBe(pin);
    await carryOut(officers, recovery, { request: "lap-yeu-cau-khoi-phuc" });
    station.desk("unlock");
    const another = station.pin();
    expect(another).not.toBe(pin);
    station.sign(serial, another, "sau-khoi-phuc.pdf");
    await handOver(receiving!, recovery, "ban-giao-khoi-phuc");
    expect((await linesOf(clerk, recovery)).map(({ name }) => name)).toEqual([holder.name]);
  });
});
