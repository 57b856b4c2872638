import type { Answer } from "./mock-api.js";
import { organisation } from "./mock-api.js";

// Plainly sample dossiers, lines, certificates and statements for the signed-in pages.
const id = "0d3b2a51-0000-4000-8000-000000000101";
export const dossierId = id;
const code = "0d3b2a51-4f2e-4d7c-9a50-000000000003-261120-0001";
const officers = { id: "0d3b2a51-0000-4000-8000-0000000000ff", name: "CỤC MẪU", chain: ["BAN MẪU", "CỤC MẪU"] };

const receiver = { name: "Nguyễn Văn A", identity: "001087012345", identity_date: "2021-04-06", identity_place: "Cục Cảnh sát quản lý hành chính về trật tự xã hội", position: "Trợ lý", phone: "84912345678", email: "nva@mau.gov.vn", address: "Số 1 phố Mẫu", province: "01" };
const form = { revision: 7, stated_count: 3, receiver, letter_number: "01/CV-CTS", letter_subject: "V/v đề nghị cấp chứng thư chữ ký số chuyên dùng công vụ cho cá nhân", letter_date: "2026-11-20", signer_name: "Trần Văn B", signer_position: "GIÁM ĐỐC", signer_capacity: "", place: "Mẫu", note: "Cấp trước ngày 30/11." };

const finding = (line: string, rule: string, field: string, level: string, message: string, next = "", more: object = {}) => ({ id: `${line}/${rule}/${field}`, code: rule, level, line: line || undefined, field, message, message_en: message, next, next_en: next, ...more });
const problemMail = finding("l2", "registry.check.mail.domain", "email", "block", "Địa chỉ maub@donvi.example không thuộc tên miền thư công vụ của cơ quan.", "Dùng địa chỉ do cơ quan nhà nước cấp, hoặc nêu lý do.");
const problemYear = finding("l3", "registry.check.identity.year", "identity", "warn", "Số định danh 020100059750 không khớp năm sinh 1993.", "Kiểm tra lại ngày sinh và số định danh.");

export const lines = [
  { id: "l1", number: 1, state: "pending", name: "Nguyễn Văn A", date_of_birth: "1987-07-12", identity: "001087012345", identity_date: "2023-01-01", identity_place: "Cục Cảnh sát quản lý hành chính về trật tự xã hội", email: "nva@mau.gov.vn", organisation: organisation.id, organisation_chain: organisation.chain, province: "01", position: "Chuyên viên", phone: "84912345678", device: "token", findings: [], has_key: false, population: "matches" },
  { id: "l2", number: 2, state: "pending", name: "Nguyễn Thị Mẫu B", date_of_birth: "1990-02-03", identity: "001190012346", identity_date: "2022-05-06", identity_place: "Bộ Công an", email: "maub@donvi.example", organisation: organisation.id, organisation_chain: organisation.chain, province: "01", position: "Phó Trưởng phòng", phone: "84868123456", device: "sim_pki", sim_operator: "Viettel", sim_keep_number: true, findings: [problemMail], has_key: false, population: "waiting" },
  { id: "l3", number: 3, state: "pending", name: "Nguyễn Văn Mẫu C", date_of_birth: "1993-12-20", identity: "020100059750", identity_date: "2021-04-06", identity_place: "Bộ Công an", email: "mauc@mau.gov.vn", organisation: organisation.id, organisation_chain: organisation.chain, province: "01", position: "Kế toán", phone: "84776727892", old_serial: "31C106", device: "pkcs10", findings: [problemYear], has_key: true, key_sha256: "6bb66ec6bf47f52911073285f427b37b5c15d23016921636dfdcff2e3d66a844", population: "differs", note: "Chuyển từ đơn vị khác đến." },
];

export const goodLetter = {
  role: "request", file: "01-CV-CTS.signed.pdf", size: 592384, attached: "2026-11-20T08:35:00+07:00", is_valid: true, text: "Văn bản/Hồ sơ ký số hợp lệ Ký bởi: Trần Văn B; TRUNG TÂM CHUYỂN ĐỔI SỐ", text_en: "Signed properly by: Trần Văn B; TRUNG TÂM CHUYỂN ĐỔI SỐ",
  signers: [{ name: "Trần Văn B", organisation: "TRUNG TÂM CHUYỂN ĐỔI SỐ", email: "tvb@mau.gov.vn", serial: "2A05F812673607B0", is_organisation: false, time_stamp: "2026-11-20T08:30:11+07:00" }, { name: "TRUNG TÂM CHUYỂN ĐỔI SỐ", serial: "3086C7", is_organisation: true, time_stamp: "2026-11-20T08:33:40+07:00" }],
  problems: [], count_in_letter: 3, number_in_letter: "01/CV-CTS", date_in_letter: "2026-11-20",
};
export const badLetter = {
  role: "request", file: "vbph_dk_de_nghi.signed.signed.pdf", size: 683888, attached: "2026-11-20T08:35:00+07:00", is_valid: false, text: "Văn bản/Hồ sơ ký số không hợp lệ", text_en: "Not signed properly", signers: [{ name: "Nguyễn Văn A", organisation: "TRUNG TÂM CHUYỂN ĐỔI SỐ", email: "nva@mau.gov.vn", serial: "31C106", is_organisation: false }],
  problems: [
    finding("", "registry.letter.organisation", "letters/request", "block", "Chữ ký của cơ quan được tạo bằng chứng thư số cá nhân (văn thư).", "Ký lại bằng chứng thư số của cơ quan."),
    finding("", "registry.letter.stamp", "letters/request", "block", "Chữ ký số chưa được gắn dấu thời gian.", "Bật dịch vụ TSA http://ca.gov.vn/tsa rồi ký lại."),
  ],
  count_in_letter: 5, number_in_letter: "01/CV-CTS", date_in_letter: "2026-11-19",
};

export const draft = {
  id, code, kind: "01", state: "draft", step: "none", revision: 7, central_signing: false, source: "ONLINE", organisation, receiving_organisation: officers, creator: "Nguyễn Văn A", line_count: 3, lines_approved: 0, lines_returned: 0, lines_issued: 0, created: "2026-11-20T08:00:00+07:00", updated: "2026-11-20T08:35:00+07:00", form, letters: [badLetter],
  notes: [{ at: "2026-11-19T15:00:00+07:00", by: "Lê Thị C (tiếp nhận)", text: "Văn bản cần dấu thời gian trên cả hai chữ ký." }], can: ["save", "delete", "submit"],
};
export const processing = {
  ...draft, state: "processing", step: "lines", submitted: "2026-11-20T08:40:00+07:00", received: "2026-11-20T09:05:00+07:00", due: "2026-11-25T17:00:00+07:00", urgency: "soon", handler: { account: "a2", name: "Lê Thị C" }, letters: [goodLetter],
  notes: [...draft.notes, { at: "2026-11-20T09:20:00+07:00", by: "Lê Thị C", text: "Đã gọi điện xác minh dòng 2.", internal: true }], can: ["return", "reject", "decide", "assign"],
};

const row = (n: number, more: object) => ({ id: `0d3b2a51-0000-4000-8000-00000000010${n}`, code: code.replace("0001", `000${n}`), kind: "01", state: "draft", organisation, line_count: 3, stated_count: 3, letter_number: `0${n}/CV-CTS`, letter_date: "2026-11-20", created: "2026-11-20T08:00:00+07:00", ...more });
const sent = { submitted: "2026-11-18T08:40:00+07:00", received: "2026-11-18T09:05:00+07:00", step: "lines", handler: "Lê Thị C" };
export const rows = [
  row(1, {}),
  row(2, { kind: "04", state: "returned", stated_count: 4, letter_number: "5555/VN-TE" }),
  row(3, { kind: "05", letter_number: undefined, line_count: 0, stated_count: undefined }),
];
export const sentRows = [
  row(4, { ...sent, state: "processing", due: "2026-11-19T17:00:00+07:00", urgency: "overdue", step: "approval" }),
  row(5, { ...sent, kind: "05", state: "processing", due: "2026-11-20T20:00:00+07:00", urgency: "soon", step: "statement", letter_number: "206-CV/TCT" }),
  row(6, { ...sent, kind: "02", state: "processing", due: "2026-11-24T17:00:00+07:00", urgency: "normal", step: "delivery", appointment: "2026-11-23" }),
  row(7, { kind: "06", state: "submitted", submitted: "2026-11-20T08:40:00+07:00" }),
];

const certificate = (n: number, more: object) => ({ issuer: "CPCA_G1", serial: `31C10${n}`, name: `Nguyễn Văn Mẫu ${n}`, subject: `CN=Nguyễn Văn Mẫu ${n}, L=Mẫu, OU=Trung tâm CNTT - TT, OU=Sở Mẫu, O=Tỉnh Mẫu, C=VN`, email: `mau${n}@mau.gov.vn`, kind: "person", device: "token", device_serial: `029D9FA${n}`, organisation, province: "20", profile: "PERSON_5Y", not_before: "2024-05-10T00:00:00+07:00", not_after: "2029-05-09T00:00:00+07:00", state: "good", state_text: "Hoạt động", ...more });
export const certificates = [
  certificate(6, { is_stale: true }),
  certificate(7, { not_after: "2026-12-09T00:00:00+07:00", device: "sim_pki", iccid: "8984048000700022075", device_serial: undefined }),
  certificate(8, { kind: "organisation", name: "Trung tâm Chuyển đổi số", state: "revoked", state_text: "Đã thu hồi(GHTĐTT)", revoked: "2026-03-01T09:00:00+07:00", replaced_by: "31C109" }),
  certificate(9, { device: "central", device_serial: "RSSP" }),
];

const fault = (rowNumber: number, column: string, title: string, value: string, message: string, next: string, level = "block") => ({ row: rowNumber, column, title, value, level, message, message_en: message, next, next_en: next, code: "x" });
const importRows = [
  { row: 3, compatible: true, line: lines[0], faults: [] },
  { row: 4, compatible: false, line: { ...lines[1], date_of_birth: "31/02/1990" }, faults: [fault(4, "C", "Ngày sinh", "31/02/1990", "Ngày này không có trong lịch.", "Nhập lại theo dạng ngày/tháng/năm."), fault(4, "G", "Địa chỉ thư điện tử công vụ", "mau@gmail.com", "Không dùng địa chỉ gmail, yahoo, hotmail.", "Dùng địa chỉ do cơ quan nhà nước cấp.")] },
  { row: 5, compatible: true, line: lines[2], faults: [fault(5, "D", "Số CMND, CCCD, HC", "020100059750", "Số định danh không khớp năm sinh.", "Kiểm tra lại.", "warn")] },
];
export const preview = { id: "i1", file: "danh-sach.xlsx", rows_total: 120, rows_compatible: 118, faults_total: 3, remarks: [], rows: importRows };

// Keys made with OpenSSL for this purpose.
const pkcs10 = "MIHGMG4CAQAwDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD1TSTBo8zi8CHGK7EQ1XOr+zvdHTNl9juZiwXpz7U+raK/YFjCwkADiLG2sEu78lyuUo1vHvbvC19nu1YPTBXagADAKBggqhkjOPQQDAgNIADBFAiAu8P5j2fv5eel+aa8ZOiZMn7buGR2Oc58frUhX+WgqOQIhAKI/dt9QvImtpbiH9e+3sWi8mCB5NkSYOZuP4QgHci3C";
export const requestPayload = JSON.stringify({
  id: "6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f", issuer: "CPCA_G1", act: "certificate.issue", created: 1795140000, expires: 1795399200, purpose: `${code} 01/CV-CTS`,
  certificates: lines.map((line) => ({ reference: `${code}/${line.number}`, profile: "PERSON_5Y", subject: [["C", "VN"], ["O", organisation.chain[0]], ["OU", organisation.chain[1]], ["OU", organisation.chain[2]], ["L", "Hà Nội"], ["title", line.position], ["UID", `CCCD:${line.identity}`], ["CN", line.name]], alternative_names: [["rfc822", line.email]], pkcs10 })),
});

const queues = [["waiting", 12, 0, 3], ["mine", 4, 1, 1], ["processing", 31, 2, 5], ["keys", 6, 0, 1], ["statement", 3, 0, 1], ["approval", 2, 0, 0], ["issued", 0, 0, 0], ["delivery", 9, 0, 0], ["returned", 7, 0, 0], ["overdue", 2, 2, 0]].map(([name, count, overdue, soon]) => ({ name, count, overdue, soon }));
const months = ["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"];

export const workAnswers: Record<string, Answer> = {
  "GET /api/v1/dossiers": (_route, url) => ({ body: { items: url.searchParams.get("box") === "draft" ? rows : url.searchParams.get("box") === "submitted" ? sentRows : [...rows, ...sentRows], next: url.searchParams.get("after") ? undefined : "k1" } }),
  "GET /api/v1/dossiers/{id}": draft,
  "GET /api/v1/dossiers/{id}/lines": { items: lines },
  "GET /api/v1/dossiers/{id}/history": {
    items: [
      { at: "2026-11-20T08:00:00+07:00", kind: "created", by: "Nguyễn Văn A", text: "Tạo hồ sơ", text_en: "Created" },
      { at: "2026-11-20T08:20:00+07:00", kind: "imported", by: "Nguyễn Văn A", text: "Nhập 3 yêu cầu từ Excel", text_en: "Imported 3 lines" },
      { at: "2026-11-20T08:35:00+07:00", kind: "letter", by: "Nguyễn Văn A", text: "Đính kèm văn bản 01/CV-CTS", text_en: "Attached the letter" },
    ],
  },
  "GET /api/v1/dossiers/{id}/submission": { is_ready: false, findings: [finding("", "registry.letter.count", "letters/request", "block", "Bạn nhập số lượng yêu cầu chưa đủ so với trên văn bản: văn bản ghi 5, danh sách có 3.", "Nhập đầy đủ các thuê bao trong phần “Danh sách yêu cầu”."), problemMail, problemYear, { ...problemYear, id: "l1/registry.check.identity.year/identity", line: "l1" }] },
  "POST /api/v1/dossiers/{id}/check": { findings: [finding("", "registry.check.mail.public", "email", "block", "Không dùng địa chỉ gmail, yahoo, hotmail cho thuê bao.", "Dùng địa chỉ do cơ quan nhà nước cấp."), finding("", "registry.check.identity.year", "identity", "warn", "Số định danh không khớp năm sinh.", "Kiểm tra lại.")] },
  "GET /api/v1/dossiers/{id}/import/{import}": (_route, url) => ({ body: url.searchParams.get("problems") ? { ...preview, rows: importRows.filter((one) => one.faults.length > 0) } : preview }),
  "GET /api/v1/receivers": { items: [receiver, { ...receiver, name: "Trần Văn B", position: "Văn thư" }] },
  "GET /api/v1/certificates": { items: certificates },
  "GET /api/v1/certificates/{issuer}/{serial}": { ...certificates[0], dossier: id, pem: "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----" },
  "GET /api/v1/desk/queues": { items: queues },
  "GET /api/v1/desk/dossiers": { items: sentRows },
  "GET /api/v1/desk/officers": { items: [{ account: "a2", name: "Lê Thị C", roles: ["receiving"], open: 12 }, { account: "a4", name: "Phạm Văn D", roles: ["receiving", "checking"], open: 3 }] },
  "GET /api/v1/desk/dossiers/{id}/statement": { state: "to_request", type: "request", payload: requestPayload, request: requestPayload, allow_credentials: ["Y3JlZGVudGlhbA"], rp_id: "localhost", approvers: [], missing: [], expires: "2026-11-23T08:00:00+07:00" },
  "GET /api/v1/desk/tokens": { items: [{ serial: "029D9FA9", model: "SafeNet eToken 5110", batch: "2026-01", state: "delivered", is_old_model: false, holder: "Nguyễn Văn A", dossier: id, certificate: "31C106", changed: "2026-11-18T09:00:00+07:00" }, { serial: "0294B2B1", model: "Bit4ID cũ", state: "returned", is_old_model: true, changed: "2026-11-10T09:00:00+07:00", note: "Hỏng đầu cắm" }, { serial: "029D9FB0", model: "SafeNet eToken 5110", batch: "2026-01", state: "stock", changed: "2026-11-01T09:00:00+07:00" }] },
  "GET /api/v1/reports/dashboard": {
    figures: [["draft", 3], ["submitted", 12], ["processing", 31], ["returned", 7], ["completed", 1204], ["rejected", 8], ["overdue", 2], ["certificates_good", 5321], ["certificates_expiring_60", 214], ["certificates_stale", 96]].map(([name, value]) => ({ name, value })),
    series: [
      ...["submitted", "completed", "returned", "rejected"].map((state, n) => ({ name: `dossiers_${state}_by_month`, points: months.map((label, at) => ({ label, value: Math.round((80 + at * 17) / (n * n * 3 + 1)) })) })),
      { name: "dossiers_by_kind", points: ["01", "02", "03", "04", "05", "06"].map((label, at) => ({ label, value: 120 - at * 18 })) },
      { name: "certificates_by_device", points: ["token", "sim_pki", "central", "pkcs10"].map((label, at) => ({ label, value: 900 - at * 190 })) },
      { name: "certificates_by_kind", points: ["person", "organisation", "device", "service", "software"].map((label, at) => ({ label, value: 900 - at * 190 })) },
      { name: "certificates_expiring_by_month", points: months.map((label, at) => ({ label, value: 12 + at * 5 })) },
    ],
  },
  "GET /api/v1/reports/{report}": {
    title: "Số lượng hồ sơ theo tháng", title_en: "Dossiers by month", made: "2026-11-20T09:00:00+07:00",
    columns: [{ title: "Tháng", title_en: "Month", kind: "text" }, { title: "Tiếp nhận", title_en: "Received", kind: "number" }, { title: "Hoàn thành", title_en: "Completed", kind: "number" }, { title: "Đúng hạn", title_en: "On time", kind: "percent" }],
    rows: months.map((month, at) => [month.split("-").reverse().join("/"), 80 + at * 17, 76 + at * 16, 99.2 - at]),
  },
};
