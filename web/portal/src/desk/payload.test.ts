import { createHash, webcrypto } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { statementChallenge } from "@/lib/passkey";
import { readApproval, readOffer, readRequest } from "./payload";
import { grouped, publicKeyOf, sha256Hex } from "./public-key";
import { readTokens } from "./token-list";

// Made with OpenSSL: openssl req -new -subj /CN=x -outform DER; the digests: openssl pkey -pubout -outform DER | sha256sum.
const ecRequest =
  "MIHGMG4CAQAwDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD1TSTBo8zi8CHGK7EQ1XOr+zvdHTNl9juZiwXpz7U+raK/YFjCwkADiLG2sEu78lyuUo1vHvbvC19nu1YPTBXagADAKBggqhkjOPQQDAgNIADBFAiAu8P5j2fv5eel+aa8ZOiZMn7buGR2Oc58frUhX+WgqOQIhAKI/dt9QvImtpbiH9e+3sWi8mCB5NkSYOZuP4QgHci3C";
const ecKey = "6bb66ec6bf47f52911073285f427b37b5c15d23016921636dfdcff2e3d66a844";
const rsaRequest =
  "MIICUTCCATkCAQAwDDEKMAgGA1UEAwwBeDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBALB8eNP/KOnne1RXQhDx7FaU3aw61bM7cl15pfy4X24OrE6MQPl4QdcSNCZA6PdH8vFs7N/+ON74CyJsbueT3X0yhpxSYGpRRkxhINlQwIhENYPxFRhPziQqeCzP28LFGTLH92CpjkKcp8Bq8sc/VtQNsrKAgkreDKnWgqppJfqGHtwa4TTB1z5g+bjsxml7OPnbGdlFjLUU1JGm5/IzzyMY/GfkgDL35+tmgvrK1h0iFtLoPV8vnwCOQ7IrbRINClgEZHCr6Oomq0ww7ybiO90pRVYi/v4/HQA4KHFN4YhWmR5gA6tNnV0unFDLxcpg06DLNOAz+atCGqR02GXFbZcCAwEAAaAAMA0GCSqGSIb3DQEBCwUAA4IBAQBXul8d2mcczsRTxbeVxG3297RZ1iTeDma3WQUoPuhDvCtoJ7wy5Oh8a6S6Md7YasDBqoImMXmYJ+g+fnrbOsUaq2y152WAdlE7oiQqM9HGgWXEfG6+n3kHeyHCg0wyfQ+UUlBBfFFk7ZsfYZmGMBgXeOvIFgwsneX+GYylwIxeBg52Q1VGijkEfvmA7nCA79gruV4Xo1m5oQWGaWW8rbj+cMNv0yhJW27x5OF949fL3W3dOemmOXjwFRK+OsUcFv1zFHLkiumcFTKxgXPANeOpDYmdQStp5tykuN0Wada/mdfoXAnS7YHeTEE1kAa7l/KfX4gQzVxwSURw4nkod0S6";
const rsaKey = "23913cc56320ba49f9ddf5eebbf0b5c0c8dc55cb7e6bc12c523d2c4c3d4b36be";
const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, "base64"));
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const certificate = {
  reference: "5c7c2f0e-261120-0001/1", profile: "PERSON_5Y", subject: [["C", "VN"], ["O", "ỦY BAN NHÂN DÂN TỈNH MẪU"], ["CN", "Nguyễn Văn A"]],
  alternative_names: [["rfc822", "nva@mau.gov.vn"]], pkcs10: ecRequest, not_after: 1952640000,
};
const issue = (lines: unknown[]) => JSON.stringify({ id: "6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f", issuer: "CPCA_G1", act: "certificate.issue", created: 1795000000, expires: 1795259200, purpose: "01/CV-CTS", certificates: lines });
const approvalOf = (request: string, decision = "approve", more: object = {}) =>
  JSON.stringify({ act: "certificate.issue", request: sha256(request), request_id: "6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f", decision, created: 1795000000, expires: 1795259200, comment: "", ...more });

beforeAll(() => {
  vi.stubGlobal("crypto", webcrypto);
  return () => vi.unstubAllGlobals();
});

describe("public keys of certificate requests", () => {
  it("are named and have the fingerprint that OpenSSL computes", async () => {
    const ec = publicKeyOf(bytesOf(ecRequest)), rsa = publicKeyOf(bytesOf(rsaRequest));
    expect([ec.name, await sha256Hex(ec.spki)]).toEqual(["EC P-256", ecKey]);
    expect([rsa.name, await sha256Hex(rsa.spki)]).toEqual(["RSA 2048", rsaKey]);
  });
  it("are refused when the request is cut or changed in its frame", () => {
    const whole = bytesOf(ecRequest);
    for (let length = 0; length < whole.length; ++length) expect(() => publicKeyOf(whole.slice(0, length))).toThrow(RangeError);
    expect(() => publicKeyOf(whole.with(0, 0x31))).toThrow(RangeError);
  });
  it("are shown in groups", () => expect(grouped("3f0a11bcd0")).toBe("3f0a 11bc d0"));
});

describe("a request", () => {
  it("becomes a table of all that is signed", async () => {
    const view = await readRequest(issue([certificate]));
    expect(view).toMatchObject({ issuer: "CPCA_G1", act: "certificate.issue", purpose: "01/CV-CTS" });
    expect(view.certificates).toEqual([
      { reference: certificate.reference, profile: "PERSON_5Y", subject: certificate.subject, alternativeNames: [["rfc822", "nva@mau.gov.vn"]], keyName: "EC P-256", keySha256: ecKey, notBefore: undefined, notAfter: "2031-11-17T00:00:00.000Z", replaces: undefined, replacesIssuer: undefined },
    ]);
  });
  it("shows which issuer's certificate is replaced", async () => {
    const view = await readRequest(issue([{ ...certificate, replaces_serial: "31C106", replaces_issuer: "CPCA_G0" }]));
    expect(view.certificates[0]).toMatchObject({ replaces: "31C106", replacesIssuer: "CPCA_G0" });
  });
  it("of revocations shows serial, reason and remark", async () => {
    const text = '{"id":"6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f","issuer":"CPCA_G1","act":"certificate.revoke","created":1795000000,"expires":1795003600,"purpose":"Mất thiết bị","revocations":[{"serial":"31C106","reason":1,"comment":"GHTĐTT"}]}';
    expect((await readRequest(text)).revocations).toEqual([{ serial: "31C106", reason: 1, invalidSince: undefined, comment: "GHTĐTT" }]);
  });
  it.each([
    ["has a member that is not shown", issue([{ ...certificate, key_usage: "ca" }])],
    ["has one twice", issue([certificate]).replace('"issuer":"CPCA_G1"', '"issuer":"X","issuer":"CPCA_G1"')],
    ["has white space", issue([certificate]).replace(":", ": ")],
    ["hides a text", issue([{ ...certificate, subject: [["CN", "Nguyễn\u202eVăn A"]] }])],
    ["has no key", issue([{ ...certificate, pkcs10: "AAAA" }])],
    ["is no object", "[]"],
    ["is no JSON", "{"],
    ["changes the policy", JSON.stringify({ ...(JSON.parse(issue([])) as object), policy_files: [] })],
  ])("is not offered for signing when it %s", async (_what, text) => {
    expect((await readOffer({ type: "request", payload: text })).fault).toBe("unreadable");
  });
});

describe("an approval", () => {
  const request = issue([certificate]);
  it("belongs to the request that is shown", async () => {
    const reading = await readOffer({ type: "approval", payload: approvalOf(request), reject_payload: approvalOf(request, "reject"), request });
    expect(reading.fault).toBeUndefined();
    expect(reading.approval?.decision).toBe("approve");
    expect(reading.requestSha256).toBe(sha256(request));
  });
  it("of another request, act or decision is refused", async () => {
    const other = issue([{ ...certificate, profile: "SERVER_1Y" }]);
    expect((await readOffer({ type: "approval", payload: approvalOf(other), request })).fault).toBe("other-request");
    expect((await readOffer({ type: "approval", payload: approvalOf(request, "approve", { act: "certificate.revoke" }), request })).fault).toBe("other-request");
    expect((await readOffer({ type: "approval", payload: approvalOf(request, "reject"), request })).fault).toBe("other-decision");
    expect((await readOffer({ type: "approval", payload: approvalOf(request), reject_payload: approvalOf(request), request })).fault).toBe("other-decision");
    expect((await readOffer({ type: "approval", payload: approvalOf(request) })).fault).toBe("unshown");
    expect(() => readApproval(approvalOf(request, "maybe"))).toThrow();
  });
});

describe("the challenge", () => {
  it("is the one of src/vault/passkey_statement_test.cpp", async () => {
    expect(Buffer.from(await statementChallenge("request", '{"id":"1"}'), "base64url").toString("hex")).toBe("18fad677fedeb413818c7715d6297055a6465411f8e668a84c3e6a890e571b30");
  });
});

describe("tokens pasted from a list", () => {
  it("take model and batch from the fields when the line has none", () => {
    const { tokens, doubled, faults } = readTokens("029D9FA9\r\n0294 B2B1; Bit4ID; 2026-01\n\n029d9fa9\nÂ\n", " SafeNet 5110 ", "L1");
    expect(tokens).toEqual([
      { serial: "029D9FA9", model: "SafeNet 5110", batch: "L1" },
      { serial: "0294B2B1", model: "Bit4ID", batch: "2026-01" },
    ]);
    expect(doubled).toEqual(["029d9fa9"]);
    expect(faults).toEqual([{ line: 5, text: "Â" }]);
    expect(readTokens("029D9FA9", "", "").faults).toHaveLength(1);
  });
});
