import { readFileSync } from "node:fs";
import { expect, test } from "./fixtures.js";
import { mockApi, organisation } from "./mock-api.js";

// Every page once: it says what it is, has no error, keeps the strict policy, and axe finds nothing serious.
const publicPages: [name: string, path: string, heading: string][] = [
  ["news", "/tin-tuc", "Tin tức"],
  ["news-entry", "/tin-tuc/n1", "Thông báo về việc sắp xếp"],
  ["services", "/dich-vu", "Dịch vụ chứng thực chữ ký số"],
  ["look-up", "/tra-cuu", "Tra cứu hồ sơ"],
  ["look-up-certificate", "/tra-cuu/chung-thu-so", "Tra cứu chứng thư số"],
  ["verify", "/xac-thuc-van-ban", "Xác thực văn bản"],
  ["resources", "/tai-nguyen", "Tải tài nguyên"],
  ["authorities", "/tai-nguyen/chung-thu-so", "Chứng thư số và CRL"],
  ["guides", "/huong-dan", "Hướng dẫn"],
  ["contact", "/lien-he", "Liên hệ"],
  ["register", "/dang-ky", "Đăng ký tài khoản cơ quan, tổ chức"],
  ["activate", "/kich-hoat#token=abc", "Kích hoạt tài khoản"],
  ["forgot", "/quen-mat-khau", "Quên mật khẩu"],
  ["reset", "/dat-lai-mat-khau#token=abc", "Đặt mật khẩu mới"],
];
for (const [name, path, heading] of publicPages)
  test(`${path}`, async ({ portal: { page, look } }) => {
    await mockApi(page);
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(heading);
    await look(name);
  });

const workPages: [name: string, path: string, heading: string, roles: string[]][] = [
  ["account", "/tai-khoan", "Tài khoản của tôi", ["clerk", "head"]],
  ["accounts", "/quan-tri/tai-khoan", "Tài khoản", ["administrator"]],
  ["organisations", "/quan-tri/co-quan?id=o3", "Cơ quan, tổ chức", ["administrator"]],
  ["organisation-changes", "/quan-tri/co-quan/sap-xep", "Lịch sử sắp xếp", ["administrator"]],
  ["content", "/quan-tri/noi-dung", "Nội dung trang", ["administrator"]],
  ["outbox", "/quan-tri/thong-bao", "Thông báo gửi đi", ["administrator"]],
  ["officer-passkeys", "/quan-tri/khoa-truy-cap", "Khóa truy cập của cán bộ", ["administrator"]],
];
for (const [name, path, heading, roles] of workPages)
  test(`${path}`, async ({ portal: { page, look } }) => {
    await mockApi(page, roles);
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(heading);
    await look(name);
  });

test("an organisation is found without diacritics and level by level", async ({ portal: { page, look } }) => {
  await mockApi(page);
  await page.goto("/dang-ky");
  await page.getByRole("button", { name: "Tìm theo phân cấp" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "ỦY BAN NHÂN DÂN TỈNH MẪU", exact: true }).click();
  await dialog.getByRole("button", { name: "SỞ KHOA HỌC VÀ CÔNG NGHỆ" }).click();
  await dialog.getByRole("button", { name: "TRUNG TÂM CHUYỂN ĐỔI SỐ" }).click();
  await expect(dialog.getByText(`Đã chọn: ${organisation.chain.join("; ")}`)).toBeVisible();
  await look("organisation-levels", { full: false });
  await dialog.getByRole("textbox", { name: /Tìm theo tên/ }).fill("so giao duc");
  await dialog.getByRole("button", { name: /SỞ GIÁO DỤC VÀ ĐÀO TẠO/ }).click();
  await look("organisation-search", { full: false });
  await dialog.getByRole("button", { name: "Chọn tổ chức" }).click();
  await expect(page.getByText("ỦY BAN NHÂN DÂN TỈNH MẪU; SỞ GIÁO DỤC VÀ ĐÀO TẠO", { exact: true })).toBeVisible();
});

test("registration tells what is missing, solves the puzzle by itself, shows the server's remarks at the fields", async ({ portal: { page, look } }) => {
  let sent: Record<string, unknown> = {};
  let times = 0;
  await mockApi(page, undefined, {
    "POST /api/v1/accounts": (route: { request: () => { postDataJSON: () => Record<string, unknown> } }) => {
      sent = route.request().postDataJSON();
      if (++times === 1)
        return { status: 422, body: { type: "urn:kyso:error:registry.input", code: "registry.input", status: 422, title: "Có 1 mục cần sửa.", detail: "Xem lời nhắc ở từng mục, sửa rồi gửi lại.", instance: "urn:kyso:request:7f3a", fields: [{ field: "password", code: "x", message: "Mật khẩu này đã bị lộ.", message_en: "Known password.", next: "Chọn mật khẩu khác." }] } };
      return { status: 202, body: { email: "nva@mau.gov.vn" } };
    },
  });
  await page.goto("/dang-ky");
  const submit = page.getByRole("main").getByRole("button", { name: "Đăng ký", exact: true });
  await submit.click();
  for (const text of ["Cơ quan, tổ chức là trường bắt buộc", "Họ và tên là trường bắt buộc", "Số điện thoại là trường bắt buộc", "Email là trường bắt buộc", "Bạn hãy nhập mật khẩu người dùng", "Bạn hãy xác nhận lại mật khẩu"]) await expect(page.getByText(text)).toBeVisible();
  await look("register-missing");
  await page.getByRole("button", { name: "Tìm theo phân cấp" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "BỘ MẪU", exact: true }).click();
  await page.getByRole("button", { name: "Chọn tổ chức" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByLabel("Họ và tên").fill("Nguyễn Văn A");
  await page.getByLabel("Số điện thoại").fill("0912 345 678");
  await page.getByLabel("Email").fill("nva@mau.gov.vn");
  await page.getByLabel("Mật khẩu", { exact: true }).fill("một câu dài dễ nhớ");
  await page.getByLabel("Xác nhận mật khẩu").fill("một câu dài dễ nhớ");
  await page.getByLabel("Tôi cam kết").check();
  await expect(page.getByText("Đã xác nhận.")).toBeVisible();
  await submit.click();
  await expect(page.getByText("Mật khẩu này đã bị lộ. Chọn mật khẩu khác.")).toBeVisible();
  await expect(page.getByText("7f3a")).toBeVisible();
  await look("register-refused");
  await submit.click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Hãy mở thư điện tử");
  expect(sent).toMatchObject({ organisation: "o7", phone: "0912345678", agreed: true, captcha: { id: "7d5c0c3e-4b1f-4d0b-8d58-0123456789ab" } });
  await look("register-sent");
});

test("a dossier is looked up", async ({ portal: { page, look } }) => {
  await mockApi(page, undefined, {
    "GET /api/v1/public/dossiers": { items: [{ code: "ee7b36fd-5e08-4551-9715-9fa452d37979-261120-0001", kind: "01", state: "processing", line_count: 40, submitted: "2026-11-18T08:00:00+07:00", received: "2026-11-18T09:00:00+07:00", due: "2026-11-21T09:00:00+07:00", appointment: "2026-11-24" }] },
  });
  await page.goto("/tra-cuu");
  await page.getByRole("button", { name: "Tìm theo phân cấp" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "BỘ MẪU", exact: true }).click();
  await page.getByRole("button", { name: "Chọn tổ chức" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByLabel("Số công văn").fill("01/CV-CTS");
  await page.getByLabel("Ngày ban hành").fill("18/11/2026");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Tra cứu", exact: true }).click();
  await expect(page.getByText("ee7b36fd-5e08-4551-9715-9fa452d37979-261120-0001")).toBeVisible();
  await look("look-up-found");
});

test("a document is verified", async ({ portal: { page, look } }) => {
  const signature = {
    field: "Signature1", kind: "signature", signer: "Nguyễn Văn A", signer_kind: "person", issuer: "CPCA_G1", serial: "31C106", indication: "TOTAL_PASSED", claimed_time: "2026-11-20T08:41:53+07:00", timestamp_time: "2026-11-20T08:41:55+07:00",
    explanation: { sentence: "Chữ ký của Nguyễn Văn A hợp lệ, ký lúc 08:41:55 ngày 20/11/2026 (thời gian do máy chủ cấp dấu thời gian xác nhận).", next_step: null },
    level: "B-LT", covers_whole_document: true, intact: true, modification_level: "none", modifications_allowed: true, time_stamps: [],
    chain: [{ subject: "CN=Nguyễn Văn A", common_name: "Nguyễn Văn A", serial: "31C106", not_before: "2026-01-01T00:00:00+07:00", not_after: "2029-01-01T00:00:00+07:00", status: "good", revoked_at: null }], findings: [{ code: "x", severity: "info", sentence: "Mức B-LT: có đủ dữ liệu để kiểm tra lâu dài." }],
  };
  const report = { verdict: "invalid", explanation: { sentence: "Văn bản có chữ ký không hợp lệ.", next_step: "Đề nghị nơi gửi ký lại và gửi bản mới." }, file: "cong-van.pdf", size: 592384, format: "pdf", title: null, pages: 3, time: "2026-11-20T09:00:00+07:00", signatures: [signature, { ...signature, field: "Signature2", signer: "SỞ KHOA HỌC VÀ CÔNG NGHỆ", signer_kind: "organisation", indication: "TOTAL_FAILED", modification_level: "other", modifications_allowed: false, explanation: { sentence: "Tài liệu đã bị thay đổi sau khi ký: nội dung trang 2.", next_step: "Đề nghị ký lại văn bản." } }], findings: [] };
  await mockApi(page, undefined, { "POST /api/v1/public/verification": { verdict: "invalid", html: "<p>report</p>", report } });
  await page.goto("/xac-thuc-van-ban");
  await page.locator("input[type=file]").setInputFiles({ name: "ghi-chu.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
  await expect(page.getByRole("alert")).toContainText(".pdf");
  await page.locator("input[type=file]").setInputFiles({ name: "cong-van.pdf", mimeType: "application/pdf", buffer: readFileSync(new URL("../data/pdf/vn-cong-van.pdf", import.meta.url)) });
  await expect(page.getByRole("heading", { name: "Chữ ký không hợp lệ" })).toBeVisible();
  await look("verified");
  await page.getByText("Xem văn bản", { exact: true }).click();
  await expect(page.getByText(/^Trang 1 \/ \d+$/)).toBeVisible();
  await expect.poll(() => page.locator("canvas").evaluate((canvas: HTMLCanvasElement) => canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data.some((value, at) => at % 4 === 0 && value < 100))).toBe(true);
  await look("verified-pages");
});

test("what was asked for before signing in is shown afterwards", async ({ portal: { page } }) => {
  let signedIn = false;
  const account = { id: "a", email: "nva@mau.gov.vn", name: "Nguyễn Văn A", organisation, roles: ["administrator"], state: "active" };
  await mockApi(page, ["administrator"], {
    "GET /api/v1/session": () => ({ body: signedIn ? { signed_in: true, csrf: "c", account } : { signed_in: false } }),
    "POST /api/v1/session": () => {
      signedIn = true;
      return { body: { signed_in: true, csrf: "c", account } };
    },
  });
  await page.goto("/quan-tri/thong-bao?state=failed");
  await expect(page).toHaveURL(/dang-nhap/);
  await page.getByLabel("Tên tài khoản").fill("nva@mau.gov.vn");
  await page.getByLabel("Mật khẩu", { exact: true }).fill("một câu dài dễ nhớ");
  await page.getByLabel("Mật khẩu", { exact: true }).press("Enter");
  await expect(page).toHaveURL(/\/quan-tri\/thong-bao\?state=failed/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Thông báo gửi đi");
});

test("roles without a right see why", async ({ portal: { page } }) => {
  await mockApi(page, ["clerk"]);
  await page.goto("/quan-tri/tai-khoan");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Bạn không có quyền");
});

test("English", async ({ portal: { page, look } }) => {
  await mockApi(page);
  await page.goto("/");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Certification services");
  expect(await page.locator("html").getAttribute("lang")).toBe("en");
  await look("home-english");
});

test("nothing is lost at 200 % zoom and on a phone", async ({ portal: { page } }) => {
  for (const [width, roles] of [[683, undefined], [360, undefined], [360, ["administrator"]]] as const) {
    await page.unrouteAll();
    await mockApi(page, roles as string[] | undefined);
    await page.setViewportSize({ width, height: 740 });
    for (const path of roles ? ["/quan-tri/tai-khoan", "/quan-tri/co-quan?id=o3", "/tai-khoan"] : ["/", "/dich-vu", "/tra-cuu", "/dang-ky", "/tai-nguyen/chung-thu-so"]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${path} at ${width}`).toBeLessThanOrEqual(width);
    }
  }
});
