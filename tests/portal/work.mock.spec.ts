import { createHash } from "node:crypto";
import { expect, test } from "./fixtures.js";
import { mockApi } from "./mock-api.js";
import { dossierId, processing, requestPayload, workAnswers } from "./work-data.js";

// The signed-in pages of clerks and officers at the widths that people have; serious accessibility findings fail.
const sizes = [["wide", 1440, 900], ["middle", 1024, 768], ["phone", 390, 844]] as const;
const clerkPages = {
  "ho-so-di": "/ho-so/di", "ho-so-da-nop": "/ho-so/da-nop", "ho-so-moi": "/ho-so/moi", "ho-so": `/ho-so/${dossierId}`, "nhap-excel": `/ho-so/${dossierId}/nhap-excel?import=i1`,
  "chung-thu-so": "/danh-muc/chung-thu-so", "chung-thu-so-mot": "/danh-muc/chung-thu-so/CPCA_G1/31C106", "bang-thong-ke": "/bang-thong-ke", "thong-ke": "/thong-ke",
};
const deskPages = { "ban-xu-ly": "/ban-xu-ly", "hang-doi": "/ban-xu-ly/processing", "xu-ly-ho-so": `/ban-xu-ly/ho-so/${dossierId}`, "lap-yeu-cau": `/ban-xu-ly/ho-so/${dossierId}/ky`, "kho-thiet-bi": "/danh-muc/thiet-bi" };
const officer = ["receiving", "checking"];
const deskAnswers = { ...workAnswers, "GET /api/v1/dossiers/{id}": processing };

for (const [size, width, height] of sizes) {
  test.describe(size, () => {
    test.use({ viewport: { width, height } });
    for (const [name, address] of [...Object.entries(clerkPages), ...Object.entries(deskPages)]) {
      test(name, async ({ portal: { page, look } }) => {
        const isDesk = name in deskPages;
        await mockApi(page, isDesk ? officer : ["clerk"], isDesk ? deskAnswers : workAnswers);
        await page.goto(address);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), "nobody scrolls sideways").toBeLessThanOrEqual(width);
        await look(`${name}-${size}`);
      });
    }
  });
}

test("a clerk adds a request: checks stand beside their fields", async ({ portal: { page, look } }) => {
  await mockApi(page, ["clerk"], { ...workAnswers, "POST /api/v1/dossiers/{id}/lines": () => ({ status: 201, body: { added: 1, revision: 8, line_count: 4 } }) });
  await page.goto(`/ho-so/${dossierId}`);
  await page.getByRole("button", { name: "Thêm yêu cầu" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByLabel("Họ tên").fill("Nguyễn Văn A");
  await drawer.getByLabel("Địa chỉ thư điện tử công vụ").fill("a@gmail.com");
  await expect(drawer.getByText("Không dùng địa chỉ gmail")).toBeVisible();
  await expect(drawer.getByText("Số định danh không khớp năm sinh")).toBeHidden(); // nobody was there yet
  await look("them-yeu-cau", { full: false });
  await drawer.getByRole("button", { name: "Lưu", exact: true }).click();
  await expect(page.getByText("Đã thêm yêu cầu")).toBeVisible();
  await expect(drawer).toBeHidden();
});

test("what somebody else saved meanwhile is joined, and conflicts are shown", async ({ portal: { page, look } }) => {
  const fresh = JSON.parse(JSON.stringify({ ...processing, state: "draft", step: "none", can: ["save"], letters: [] }));
  let saves = 0, isChanged = false;
  await mockApi(page, ["clerk"], {
    ...workAnswers,
    "GET /api/v1/dossiers/{id}": () => ({ body: isChanged ? { ...fresh, revision: 9, form: { ...fresh.form, revision: 9, letter_number: "02/CV-CTS", note: "Người khác ghi" } } : fresh }),
    "PUT /api/v1/dossiers/{id}": (route) => {
      saves += 1;
      isChanged = true;
      const { revision } = route.request().postDataJSON() as { revision: number };
      return revision === 9 ? { body: { ...fresh, revision: 10, form: { ...fresh.form, ...(route.request().postDataJSON() as object) } } } : { status: 409, body: { type: "urn:kyso:error:registry.dossier.changed", code: "registry.dossier.changed", status: 409, title: "Người khác vừa lưu hồ sơ." } };
    },
  });
  await page.goto(`/ho-so/${dossierId}`);
  await page.getByRole("textbox", { name: "Ghi chú" }).fill("Tôi ghi");
  await page.getByRole("button", { name: "Lưu", exact: true }).click();
  await expect(page.getByText("Họ đã lưu: Người khác ghi")).toBeVisible();
  await expect(page.getByLabel("Số công văn").first()).toHaveValue("02/CV-CTS");
  await expect(page.getByRole("textbox", { name: "Ghi chú" })).toHaveValue("Tôi ghi");
  await look("hai-nguoi-sua", { full: false });
  await page.getByRole("button", { name: "Giữ của tôi" }).click();
  await page.getByRole("button", { name: "Lưu", exact: true }).click();
  await expect(page.getByText("Lưu hồ sơ thành công")).toBeVisible();
  expect(saves).toBe(2);
});

test("before submitting: what hinders, and reasons", async ({ portal: { page, look } }) => {
  await mockApi(page, ["clerk"], workAnswers);
  await page.goto(`/ho-so/${dossierId}`);
  await page.getByRole("button", { name: "Nộp hồ sơ" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("chưa đủ so với trên văn bản")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Nộp hồ sơ" })).toBeDisabled();
  await look("nop-ho-so", { full: false });
});

test("certificates are chosen in a dialog", async ({ portal: { page, look } }) => {
  await mockApi(page, ["clerk"], { ...workAnswers, "GET /api/v1/dossiers/{id}": { ...processing, kind: "05", state: "draft", step: "none", can: ["save", "submit", "delete"] }, "GET /api/v1/dossiers/{id}/lines": { items: [] } });
  await page.goto(`/ho-so/${dossierId}`);
  await page.getByRole("button", { name: "Thêm yêu cầu" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: /31C106/ }).check();
  await look("chon-chung-thu-so", { full: false });
  await dialog.getByRole("button", { name: "Chọn và tiếp tục" }).click();
  await expect(dialog.getByText("Lý do", { exact: true })).toBeVisible();
  await look("chi-tiet-thu-hoi", { full: false });
});

test("an officer decides about several lines", async ({ portal: { page, look } }) => {
  await mockApi(page, officer, { ...deskAnswers, "POST /api/v1/desk/dossiers/{id}/lines": { ...processing, revision: 8, lines_approved: 2 } });
  await page.goto(`/ban-xu-ly/ho-so/${dossierId}`);
  await page.getByRole("checkbox", { name: "Chọn Nguyễn Văn A" }).check();
  await page.getByRole("checkbox", { name: "Chọn Nguyễn Thị Mẫu B" }).check();
  await page.getByRole("button", { name: "Duyệt (2)" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("không thuộc tên miền")).toBeVisible();
  await dialog.getByRole("button", { name: "Duyệt", exact: true }).click();
  await expect(dialog.getByText("Lý do là trường bắt buộc")).toBeVisible();
  await look("duyet", { full: false });
  await dialog.getByRole("button", { name: "Đã kiểm tra, thông tin đúng." }).click();
  await dialog.getByRole("button", { name: "Duyệt", exact: true }).click();
  await expect(page.getByText("Đã duyệt 2 yêu cầu")).toBeVisible();
});

test("an officer returns one line with a reason", async ({ portal: { page } }) => {
  let sent: unknown;
  await mockApi(page, officer, {
    ...deskAnswers,
    "POST /api/v1/desk/dossiers/{id}/lines": (route) => {
      sent = route.request().postDataJSON();
      return { body: { ...processing, revision: 8, lines_returned: 1 } };
    },
  });
  await page.goto(`/ban-xu-ly/ho-so/${dossierId}`);
  await page.getByRole("button", { name: "Trả về Nguyễn Thị Mẫu B" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Địa chỉ thư điện tử không phải thư công vụ." }).click();
  await dialog.getByRole("button", { name: "Trả về", exact: true }).click();
  await expect(page.getByText("Đã trả về 1 yêu cầu")).toBeVisible();
  expect(sent).toEqual({ revision: 7, decisions: [{ line: "l2", decision: "return", reason: "Địa chỉ thư điện tử không phải thư công vụ." }] });
});

test("an officer signs with a passkey exactly what is shown", async ({ portal: { page } }) => {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  const { authenticatorId } = await client.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  const { privateKey } = await import("node:crypto").then(({ generateKeyPairSync }) => generateKeyPairSync("ec", { namedCurve: "P-256" }));
  await client.send("WebAuthn.addCredential", { authenticatorId, credential: { credentialId: Buffer.from("credential").toString("base64"), isResidentCredential: false, rpId: "localhost", privateKey: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"), signCount: 1 } });
  let signed: Record<string, string> | undefined;
  await mockApi(page, officer, {
    ...deskAnswers,
    "POST /api/v1/desk/dossiers/{id}/statement": (route) => {
      signed = route.request().postDataJSON() as Record<string, string>;
      return { body: { ...processing, step: "approval" } };
    },
  });
  await page.goto(`/ban-xu-ly/ho-so/${dossierId}/ky`);
  await expect(page.getByText("6bb6 6ec6").first()).toBeVisible();
  await page.getByRole("button", { name: "Ký yêu cầu bằng khóa truy cập" }).click();
  await expect(page.getByText("Đã ký yêu cầu")).toBeVisible();
  expect(signed).toMatchObject({ type: "request", payload: requestPayload });
  const clientData = JSON.parse(Buffer.from(signed!.client_data_json!, "base64url").toString()) as { challenge: string };
  expect(clientData.challenge).toBe(createHash("sha256").update(`kyso-statement\0kyso-request+jwt\0${requestPayload}`).digest("base64url"));
});

test("an approval of something else cannot be signed", async ({ portal: { page, look } }) => {
  const approval = (request: string) => JSON.stringify({ act: "certificate.issue", request: createHash("sha256").update(request).digest("hex"), request_id: "6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f", decision: "approve", created: 1795140000, expires: 1795399200, comment: "" });
  const other = requestPayload.replaceAll("PERSON_5Y", "SERVER_1Y");
  await mockApi(page, ["approving"], { ...deskAnswers, "GET /api/v1/desk/dossiers/{id}/statement": { state: "waiting", type: "approval", payload: approval(other), request: requestPayload, allow_credentials: ["Y3JlZGVudGlhbA"], rp_id: "localhost", requester: "le-thi-c", approvers: [], missing: ["checking", "approving"] } });
  await page.goto(`/ban-xu-ly/ho-so/${dossierId}/ky`);
  await expect(page.getByText("Lời phê duyệt nói về một yêu cầu khác")).toBeVisible();
  await expect(page.getByRole("button", { name: "Phê duyệt bằng khóa truy cập" })).toBeDisabled();
  await look("phe-duyet-sai", { full: false });
});
