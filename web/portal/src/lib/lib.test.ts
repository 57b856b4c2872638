import { createHash, webcrypto } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { fromBase64url, toBase64url } from "./base64url";
import { readDraft, removeAllDrafts, writeDraft } from "./drafts";
import { formatDate, formatDistance, formatDue, formatName, formatSerial, formatSize, formatTime, parseDate, today } from "./format";
import { statementChallenge } from "./passkey";
import { leadingZeroBits, sha256, solve } from "./proof-of-work";
import { matches, searchByLabel, withoutDiacritics } from "./text";

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, "0")).join("");

describe("names in certificates", () => {
  it("have room between their parts, not within them", () => {
    expect(formatName("CN=Nguyễn Văn A,UID=CCCD:001090000001,O=Cơ quan mẫu\\, Sở Mẫu,2.5.4.97=1,C=VN")).toBe("CN=Nguyễn Văn A, UID=CCCD:001090000001, O=Cơ quan mẫu\\, Sở Mẫu, 2.5.4.97=1, C=VN");
    expect([formatSerial("0031C106"), formatSerial("31C106"), formatSerial("00")]).toEqual(["31C106", "31C106", "0"]);
  });
});

describe("days and times", () => {
  it("are Viet Nam's, whatever the computer's clock says", () => {
    expect(formatDate("2026-11-20")).toBe("20/11/2026");
    expect(formatDate("2026-11-20T23:30:00+07:00")).toBe("20/11/2026");
    expect(formatDate("2026-11-20T17:30:00Z")).toBe("21/11/2026");
    expect(formatTime("2026-11-20T01:41:53Z")).toBe("08:41 20/11/2026");
    expect(formatTime("2026-11-20T01:41:53Z", true)).toBe("08:41:53 20/11/2026");
    expect(today(new Date("2026-12-31T17:00:00Z"))).toBe("2027-01-01");
    expect(formatDate(undefined)).toBe("");
    expect(formatDate("gần đây")).toBe("gần đây");
  });
  it("name a deadline by the day that it ends with", () => {
    expect(formatDue("2026-11-26T17:00:00Z")).toBe("24:00 26/11/2026");
    expect(formatDue("2026-12-31T17:00:00Z")).toBe("24:00 31/12/2026");
    expect(formatDue("2026-11-26T17:01:00Z")).toBe("00:01 27/11/2026");
    expect(formatDue(undefined)).toBe("");
  });
  it("are read as clerks type them, and only when they exist", () => {
    expect(parseDate("5/9/2024")).toBe("2024-09-05");
    expect(parseDate("29-02-2024")).toBe("2024-02-29");
    expect(parseDate("29/02/2025")).toBeUndefined();
    expect(parseDate("31/04/2025")).toBeUndefined();
    expect(parseDate("2025-04-01")).toBeUndefined();
  });
  it("are told as distances", () => {
    const now = Date.parse("2026-11-20T08:00:00+07:00");
    expect(formatDistance("2026-11-20T10:00:00+07:00", "en", now)).toBe("in 2 hours");
    expect(formatDistance("2026-11-18T08:00:00+07:00", "vi", now)).toBe("2 ngày trước");
  });
  it("sizes have units", () => {
    expect(formatSize(592384, "vi")).toBe("578,5 kB");
    expect(formatSize(12, "en")).toBe("12 B");
  });
});

describe("search without diacritics", () => {
  it("finds", () => {
    expect(withoutDiacritics("ỦY BAN NHÂN DÂN TỈNH Đồng Tháp")).toBe("uy ban nhan dan tinh dong thap");
    expect(matches("Sở Giáo dục và Đào tạo", "dao giao")).toBe(true);
    expect(matches("Sở Y tế", "giao duc")).toBe(false);
    expect(matches("Sở Y tế", "")).toBe(true);
    expect(searchByLabel.filterOption("lang son", { label: "Lạng Sơn" })).toBe(true);
    expect(searchByLabel.filterOption("lang son", {})).toBe(false);
  });
});

describe("base64url", () => {
  it("goes there and back", () => {
    for (let length = 0; length < 70; ++length) {
      const bytes = webcrypto.getRandomValues(new Uint8Array(length));
      expect(toBase64url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
      expect([...fromBase64url(toBase64url(bytes))]).toEqual([...bytes]);
    }
  });
});

describe("proof of work", () => {
  it("computes SHA-256", () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 500]) {
      const message = webcrypto.getRandomValues(new Uint8Array(length));
      expect(hex(sha256(message))).toBe(createHash("sha256").update(message).digest("hex"));
    }
  });
  it("finds an answer with the zero bits asked for", () => {
    const id = "5f0c1e9e-7a35-4a6e-9d43-5b9f0d1c2b3a";
    const answer = solve(id, 12)!;
    const digest = createHash("sha256").update(`${id}:${answer}`).digest();
    expect(digest.readUInt32BE(0) >>> 20).toBe(0);
    expect(solve(id, 12, 0, Number(answer))).toBeUndefined();
    expect(leadingZeroBits(new Uint32Array([0, 0x0fffffff]))).toBe(36);
  });
});

describe("statements", () => {
  it("have the challenge that the vault computes", async () => {
    vi.stubGlobal("crypto", webcrypto);
    const payload = '{"lines":["Nguyễn Văn A"]}';
    const expected = createHash("sha256").update("kyso-statement").update(Buffer.from([0])).update("kyso-approval+jwt").update(Buffer.from([0])).update(payload).digest("base64url");
    expect(await statementChallenge("approval", payload)).toBe(expected);
    expect(await statementChallenge("request", payload)).not.toBe(expected);
    // The vector of src/vault/passkey_statement_test.cpp.
    const known = Buffer.from("18fad677fedeb413818c7715d6297055a6465411f8e668a84c3e6a890e571b30", "hex").toString("base64url");
    expect(await statementChallenge("request", '{"id":"1"}')).toBe(known);
    vi.unstubAllGlobals();
  });
});

describe("drafts", () => {
  it("are kept seven days and go with their owner", async () => {
    const day = 86400_000;
    await writeDraft("a/dossier/1", { name: "Nguyễn Văn A" }, 0);
    expect((await readDraft<{ name: string }>("a/dossier/1", 6 * day))?.value.name).toBe("Nguyễn Văn A");
    expect(await readDraft("b/dossier/1", 0)).toBeUndefined();
    expect(await readDraft("a/dossier/1", 8 * day)).toBeUndefined();
    expect(await readDraft("a/dossier/1", 0)).toBeUndefined();
    await writeDraft("a/dossier/2", 1, 0);
    await removeAllDrafts();
    expect(await readDraft("a/dossier/2", 0)).toBeUndefined();
  });
});
