import type { Page, Route } from "@playwright/test";

// Answers of the interface for looking at pages without a server. Plainly sample data; what a test needs otherwise it gives as
// `answers`: "GET /api/v1/me" → body, or a function of the request. The real interface is tested against the real kysod.
type Body = unknown;
export type Answer = Body | ((route: Route, url: URL) => { status?: number; body?: Body } | Promise<{ status?: number; body?: Body }>);

const names = ["ỦY BAN NHÂN DÂN TỈNH MẪU", "SỞ KHOA HỌC VÀ CÔNG NGHỆ", "TRUNG TÂM CHUYỂN ĐỔI SỐ"];
export const organisation = { id: "0d3b2a51-4f2e-4d7c-9a50-000000000003", name: names[2], chain: names };

interface Sample {
  id: string;
  name: string;
  children?: Sample[];
}
const tree: Sample[] = [
  { id: "o1", name: names[0]!, children: [{ id: "o2", name: names[1]!, children: [{ id: "o3", name: names[2]! }, { id: "o4", name: "VĂN PHÒNG SỞ" }] }, { id: "o5", name: "SỞ GIÁO DỤC VÀ ĐÀO TẠO" }, { id: "o6", name: "ỦY BAN NHÂN DÂN PHƯỜNG MẪU SỐ 1" }] },
  { id: "o7", name: "BỘ MẪU", children: [{ id: "o8", name: "VỤ TỔ CHỨC CÁN BỘ" }] },
  ...Array.from({ length: 14 }, (_, i) => ({ id: `p${i}`, name: `ỦY BAN NHÂN DÂN TỈNH MẪU SỐ ${i + 2}` })),
];

function flat(nodes: Sample[], chain: string[] = [], parent?: string): Record<string, unknown>[] {
  return nodes.flatMap((node) => {
    const own = [...chain, node.name];
    const entry = { id: node.id, name: node.name, level: own.length, parent, chain: own, kind: "people_committee", has_children: !!node.children, valid_from: "2025-07-01", code: `H99.${node.id}`, province_name: "Tỉnh Mẫu" };
    return [entry, ...flat(node.children ?? [], own, node.id)];
  });
}
const organisations = flat(tree);
const fold = (text: string) => text.normalize("NFD").replace(/\p{Mn}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

export function account(roles: string[], more: object = {}) {
  return { id: "5c7c2f0e-0000-4000-8000-000000000001", email: "nva@mau.gov.vn", name: "Nguyễn Văn A", phone: "0912345678", organisation, roles, state: "active", language: "vi", created: "2026-10-01T08:00:00+07:00", last_sign_in: "2026-11-20T07:45:00+07:00", ...more };
}

const content = (kind: string) =>
  ({
    news: [
      { id: "n1", kind: "news", title: "Thông báo về việc sắp xếp đơn vị hành chính và chứng thư số", title_en: "Mergers of administrative units and certificates", text: "# Nội dung\n\nCơ quan đã **đổi tên** cần lập hồ sơ loại 04 trước ngày hết hạn.\n\n- Rà soát danh sách thuê bao\n- Lập hồ sơ *thay đổi thông tin*\n\n| Việc | Thời hạn |\n|---|---|\n| Gia hạn | 03 ngày làm việc |\n| Thu hồi | 12 giờ |\n\nXem [hướng dẫn](/huong-dan).", published: "2026-11-18T08:00:00+07:00" },
      { id: "n2", kind: "news", title: "Lịch tiếp nhận hồ sơ dịp nghỉ lễ", text: "Hồ sơ nộp trong kỳ nghỉ được tiếp nhận vào ngày làm việc đầu tiên.", published: "2026-11-10T08:00:00+07:00" },
      { id: "n3", kind: "news", title: "Hướng dẫn ký số văn bản theo Nghị định 30/2020/NĐ-CP", text: "…", published: "2026-11-02T08:00:00+07:00" },
    ],
    guide: [
      { id: "g1", kind: "guide", title: "Đăng ký tài khoản", text: "1. Bấm **Đăng ký**\n2. Chọn cơ quan\n3. Mở thư để xác nhận", published: "2026-10-01T08:00:00+07:00" },
      { id: "g2", kind: "guide", title: "Lỗi khi nộp hồ sơ", text: "## Văn bản chưa được ký số\n\nKý số lại theo đúng quy định.", published: "2026-10-01T08:00:00+07:00" },
    ],
    resource: [
      { id: "r1", kind: "resource", group: "Phần mềm, công cụ", title: "Bộ công cụ ký số Kyso", file: "kyso.deb", size: 6123456, published: "2026-10-01T08:00:00+07:00" },
      { id: "r2", kind: "resource", group: "Biểu mẫu quản lý", title: "Mẫu biên bản bàn giao", file: "mau-07.docx", size: 23456, published: "2026-10-01T08:00:00+07:00" },
    ],
    legal: [{ id: "l1", kind: "legal", title: "Nghị định 68/2024/NĐ-CP", link: "https://vanban.chinhphu.vn/", published: "2026-10-01T08:00:00+07:00" }],
    contact: [{ id: "c1", kind: "contact", title: "Bộ phận hỗ trợ", text: "Điện thoại: (024) 0000 0000\n\nThư điện tử: hotro@mau.gov.vn", published: "2026-10-01T08:00:00+07:00" }],
  })[kind] ?? [];

function defaults(roles: string[] | undefined): Record<string, Answer> {
  const session = roles ? { signed_in: true, csrf: "csrf", account: account(roles), has_oidc: true, passkey_rp_id: "localhost" } : { signed_in: false, has_oidc: true, captcha_needed: false };
  return {
    "GET /api/v1/session": session,
    "POST /api/v1/captcha": { id: "7d5c0c3e-4b1f-4d0b-8d58-0123456789ab", difficulty: 10, algorithm: "sha256" },
    "GET /api/v1/public/figures": { total: 121838, finished: 119204, processing: 312, on_time_percent: 99.2 },
    "GET /api/v1/public/content": (_route: Route, url: URL) => ({ body: { items: content(url.searchParams.get("kind") ?? "") } }),
    "GET /api/v1/public/authorities": { items: [{ name: "CPCA_G1", subject: "CN=Cơ quan cấp mẫu, O=Cơ quan mẫu, C=VN", not_before: "2026-01-01T00:00:00+07:00", not_after: "2036-01-01T00:00:00+07:00", sha256: "3f0a".repeat(16), certificate_url: "/pub/cpca-g1.cer", crl_urls: ["/pub/cpca-g1.crl"], ocsp_urls: ["http://127.0.0.1/ocsp"], tsa_url: "http://127.0.0.1/tsa" }] },
    "GET /api/v1/organisations": (_route: Route, url: URL) => {
      const q = url.searchParams.get("q"), parent = url.searchParams.get("parent");
      if (q) return { body: { items: organisations.filter((entry) => fold(q).split(/\s+/).every((word) => fold(entry.name as string).includes(word))) } };
      return { body: { items: organisations.filter((entry) => (parent === "root" || !parent ? !entry.parent : entry.parent === parent)) } };
    },
    "GET /api/v1/organisations/{id}": (_route: Route, url: URL) => {
      const entry = organisations.find((one) => url.pathname.endsWith(`/${String(one.id)}`)) ?? organisations[0];
      return { body: { ...entry, tax_code: "0100000001", budget_code: "1000001", address: "Số 1 phố Mẫu", mail_domains: ["mau.gov.vn"], aliases: [{ kind: "code", value: "H99.01" }], seals: [{ id: "s1", valid_from: "2025-07-01", diameter_mm: 36 }], history: [{ from: "2025-07-01", name: entry?.name, parent_name: names[0], instrument: "Nghị quyết mẫu số 01/NQ" }, { from: "2010-01-01", to: "2025-07-01", name: "TÊN CŨ CỦA ĐƠN VỊ MẪU", instrument: "Quyết định mẫu" }], predecessors: [{ id: "x", name: "ĐƠN VỊ MẪU CŨ", chain: ["ĐƠN VỊ MẪU CŨ"] }], successors: [], stale_certificates: 12 } };
    },
    "GET /api/v1/organisation-changes": { items: [{ id: "ch1", kind: "merge", instrument: "Nghị quyết mẫu số 01/NQ-HĐND", from: "2025-07-01", done: "2025-07-01T08:00:00+07:00", by: "Nguyễn Văn D", effects: ["ĐƠN VỊ MẪU CŨ", "TÊN CŨ CỦA ĐƠN VỊ MẪU", "VĂN PHÒNG SỞ", "SỞ MẪU"].map((name) => ({ organisation: "o2", text: `“${name}” nhập vào “SỞ KHOA HỌC VÀ CÔNG NGHỆ”.`, text_en: `“${name}” became part of “SỞ KHOA HỌC VÀ CÔNG NGHỆ”.` })), affected_organisations: 3, affected_certificates: 120, affected_accounts: 4 }] },
    "GET /api/v1/me": account(roles ?? []),
    "GET /api/v1/me/sessions": { items: [{ id: "s1", created: "2026-11-20T07:45:00+07:00", seen: "2026-11-20T08:30:00+07:00", address: "192.0.2.10", agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/140.0", way: "passkey", is_this: true }, { id: "s2", created: "2026-11-18T09:00:00+07:00", seen: "2026-11-18T17:00:00+07:00", address: "192.0.2.77", agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/143.0", way: "password", is_this: false }] },
    "GET /api/v1/me/passkeys": { items: [{ id: "pk1", label: "Máy tính cơ quan", created: "2026-10-02T09:00:00+07:00", used: "2026-11-20T07:45:00+07:00", in_policy: true }] },
    "GET /api/v1/delegations": { items: [{ id: "d1", organisation, account_email: "tvb@mau.gov.vn", account_name: "Trần Văn B", valid_from: "2026-01-01", valid_to: "2026-12-31", basis: "12/UQ-UBND", is_given: true }] },
    "GET /api/v1/accounts": { items: [account(["clerk"]), account(["receiving", "checking"], { id: "a2", email: "ltc@mau.gov.vn", name: "Lê Thị C", person: "le-thi-c" }), account(["clerk"], { id: "a3", email: "pvd@mau.gov.vn", name: "Phạm Văn D", state: "waiting", last_sign_in: undefined })], next: "k1" },
    "GET /api/v1/administration/outbox": { items: [{ id: "m1", kind: "account.activation", to: "pvd@mau.gov.vn", channel: "mail", state: "failed", attempts: 5, created: "2026-11-20T07:00:00+07:00", failure: { code: "net.mail.refused", message: "Máy chủ thư từ chối thư: 550 5.1.1 hộp thư không tồn tại", message_en: "The mail server refuses the e-mail: 550 5.1.1 no such user", next: "Kiểm tra địa chỉ người nhận và người gửi; thư này không được gửi lại.", next_en: "Check the addresses of the recipient and of the sender; this e-mail is not tried again." } }, { id: "m2", kind: "dossier.received", to: "nva@mau.gov.vn", channel: "mail", state: "waiting", attempts: 1, created: "2026-11-20T08:00:00+07:00", next_attempt: "2026-11-20T08:05:00+07:00" }] },
    "GET /api/v1/administration/passkeys": { items: [{ person: "le-thi-c", name: "Lê Thị C", credential: "Y3JlZGVudGlhbA", public_key: "pQECAyYgASFYIA", label: "Khóa bảo mật", in_policy: false }] },
    "GET /api/v1/desk/queues": { items: [{ name: "waiting", count: 12, overdue: 0, soon: 3 }, { name: "mine", count: 4, overdue: 1, soon: 1 }, { name: "approval", count: 2, overdue: 0, soon: 0 }] },
  };
}

// Dossiers of the interface are under more than one address: "{id}" stands for one segment.
function find(answers: Record<string, Answer>, method: string, path: string): Answer | undefined {
  const direct = answers[`${method} ${path}`];
  if (direct !== undefined) return direct;
  for (const [key, answer] of Object.entries(answers)) {
    const [keyMethod, keyPath = ""] = key.split(" ");
    const pattern = new RegExp(`^${keyPath.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);
    if (keyMethod === method && pattern.test(path)) return answer;
  }
  return undefined;
}

export async function mockApi(page: Page, roles?: string[], answers: Record<string, Answer> = {}) {
  const all = { ...defaults(roles), ...answers };
  await page.route("**/api/v1/**", async (route) => {
    const url = new URL(route.request().url());
    if (url.pathname === "/api/v1/events") return route.fulfill({ status: 200, contentType: "text/event-stream", body: ": quiet\n\n" });
    const answer = find(all, route.request().method(), url.pathname);
    if (answer === undefined) return route.fulfill({ status: 404, contentType: "application/problem+json", body: JSON.stringify({ type: "urn:kyso:error:mock", code: "mock", status: 404, title: `Không có câu trả lời mẫu cho ${route.request().method()} ${url.pathname}`, instance: "urn:kyso:request:0000" }) });
    const { status = 200, body } = typeof answer === "function" ? await (answer as (route: Route, url: URL) => Promise<{ status?: number; body?: Body }>)(route, url) : { body: answer };
    return route.fulfill({ status, contentType: status >= 400 ? "application/problem+json" : "application/json", body: body === undefined ? "" : JSON.stringify(body) });
  });
}
