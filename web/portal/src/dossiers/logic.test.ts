import { describe, expect, it } from "vitest";
import type { Finding } from "@/api/types";
import { groupFindings, worst } from "./findings";
import { byCell, chosenCount, chosenRows, type ImportRow } from "./import-choice";
import { emptyValues, fieldsOf, lineOf, valuesOf } from "./line-fields";
import { isSameForm, mergeForms } from "./merge";

describe("two people edit one dossier", () => {
  const base = { letter_number: "01/CV", note: "", receiver: { name: "Nguyễn Văn A", phone: "0912345678" }, has_revocation_letter: false };
  it("keeps what only one of them changed", () => {
    const mine = { ...base, note: "Gấp", receiver: { name: "Nguyễn Văn A", phone: "0912345678" } };
    const theirs = { ...base, letter_number: "02/CV", receiver: { name: "Nguyễn Văn A", phone: "0987654321" } };
    const { values, conflicts, taken } = mergeForms(base, mine, theirs);
    expect(values).toMatchObject({ letter_number: "02/CV", note: "Gấp", receiver: { phone: "0987654321" } });
    expect(conflicts).toEqual([]);
    expect(taken.sort()).toEqual(["letter_number", "receiver/phone"]);
  });
  it("shows what both changed and keeps the own text", () => {
    const { values, conflicts } = mergeForms(base, { ...base, letter_number: "03/CV" }, { ...base, letter_number: "02/CV" });
    expect(conflicts).toEqual([{ field: "letter_number", mine: "03/CV", theirs: "02/CV" }]);
    expect(values.letter_number).toBe("03/CV");
  });
  it("what is in conflict stays so until somebody decides or both agree", () => {
    const theirs = { ...base, note: "Của họ" }, mine = { ...base, note: "Của tôi" };
    const later = { ...theirs, letter_number: "02/CV" };
    expect(mergeForms(theirs, mine, later).conflicts).toEqual([]);
    expect(mergeForms(theirs, mine, later, ["note"]).conflicts).toEqual([{ field: "note", mine: "Của tôi", theirs: "Của họ" }]);
    expect(mergeForms(theirs, mine, { ...later, note: "Lần nữa" }, ["note"]).conflicts).toEqual([{ field: "note", mine: "Của tôi", theirs: "Lần nữa" }]);
    expect(mergeForms(theirs, mine, { ...later, note: "Của tôi" }, ["note"]).conflicts).toEqual([]);
    expect(mergeForms(theirs, theirs, later, ["note"]).conflicts).toEqual([]);
  });
  it("the same change by both is none", () => {
    expect(mergeForms(base, { ...base, note: "x" }, { ...base, note: "x" }).conflicts).toEqual([]);
  });
  it("nothing is nothing, however it is written", () => {
    expect(isSameForm({ revision: 3, note: "", receiver: {} }, { revision: 9, has_revocation_letter: false })).toBe(true);
    expect(isSameForm({ stated_count: 0 }, {})).toBe(false);
  });
});

describe("lines", () => {
  it("send what counts in their kind and state, and nothing else", () => {
    const fields = fieldsOf("01");
    const values = { ...emptyValues("01"), name: " Nguyễn Văn A ", device: "token" as const, sim_operator: "Viettel" as const, organisation: { id: "o1", name: "SỞ", chain: ["TỈNH", "SỞ"] } };
    expect(lineOf(values, fields)).toEqual({ name: "Nguyễn Văn A", device: "token", organisation: "o1" });
    expect(lineOf({ ...values, device: "sim_pki" }, fields)).toMatchObject({ sim_operator: "Viettel" });
  });
  it("come back as they were entered", () => {
    const line = { name: "cong.mau.gov.vn", subject_kind: "service" as const, dns_names: ["a.mau.gov.vn", "b.mau.gov.vn"], organisation: "o1", device: "pkcs10" as const };
    const values = valuesOf({ ...line, organisation_chain: ["TỈNH", "SỞ"] });
    expect(values.organisation).toEqual({ id: "o1", name: "SỞ", chain: ["TỈNH", "SỞ"] });
    expect(lineOf(values, fieldsOf("03"))).toEqual(line);
  });
  it("of 05 have reasons as numbers, and none when they are released", () => {
    const values = { ...emptyValues("05"), serial: "31C106", issuer: "CPCA_G1", reason: "0", reason_text: "Mất thiết bị" };
    expect(lineOf(values, fieldsOf("05"))).toMatchObject({ reason: 0, action: "revoke" });
    expect(lineOf({ ...values, action: "release" }, fieldsOf("05"))).not.toHaveProperty("reason");
  });
});

describe("findings", () => {
  const finding = (more: Partial<Finding>): Finding => ({ id: "x", level: "warn", message: "…", message_en: "…", ...more });
  it("are one matter when many lines have the same", () => {
    const groups = groupFindings([
      finding({ id: "l1/registry.check.year/identity", line: "l1", code: "registry.check.year", field: "identity" }),
      finding({ id: "l2/registry.check.year/identity", line: "l2", code: "registry.check.year", field: "identity" }),
      finding({ id: "/registry.letter.none/letters/request", level: "block", code: "registry.letter.none" }),
      finding({ id: "l1/registry.check.mail.domain/email", line: "l1", level: "block", code: "registry.check.mail.domain", field: "email" }),
    ]);
    expect(groups.map((group) => [group.key, group.findings.length, group.isHard, group.wantsReason])).toEqual([
      ["/registry.letter.none/letters/request", 1, true, false],
      ["*/registry.check.mail.domain/email", 1, false, true],
      ["*/registry.check.year/identity", 2, false, true],
    ]);
    expect(worst(groups.flatMap((group) => group.findings))).toBe("block");
    expect(worst([])).toBeUndefined();
  });
});

describe("the preview of an import", () => {
  const row = (number: number, compatible: boolean): ImportRow => ({ row: number, compatible, line: {}, faults: [] });
  const rows = [row(2, true), row(3, false), row(4, true), row(5, true)];
  it("takes all that fit unless somebody leaves some out", () => {
    expect(chosenRows(rows, new Set())).toBeUndefined();
    expect(chosenRows(rows, new Set([4]))).toEqual([2, 5]);
    expect(chosenCount({ rows_compatible: 3 }, new Set([4]))).toBe(2);
  });
  it("names the cells", () => {
    const fault = { row: 5, message: "…", message_en: "…" };
    const cells = byCell([
      { ...fault, column: "C", title: "Ngày sinh", value: "31/02/1990", level: "warn", code: "a" },
      { ...fault, column: "C", title: "Ngày sinh", value: "31/02/1990", level: "block", code: "b" },
      { ...fault, column: "G", title: "Địa chỉ thư", value: "a@gmail.com", level: "block", code: "c" },
    ]);
    expect(cells.map(({ cell, value, faults }) => [cell, value, faults.map(({ code }) => code)])).toEqual([
      ["C5", "31/02/1990", ["b", "a"]],
      ["G5", "a@gmail.com", ["c"]],
    ]);
  });
});
