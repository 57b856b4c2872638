// Just enough DER (X.690) to take the public key out of a CertificationRequest (RFC 2986): the officer sees by himself which key it is.
interface Element {
  tag: number;
  start: number; // of the element
  content: number;
  end: number;
}

function elementAt(bytes: Uint8Array, start: number, limit: number): Element {
  const tag = bytes[start], first = bytes[start + 1];
  if (tag === undefined || first === undefined || start + 2 > limit) throw new RangeError("der");
  let content = start + 2, length = first;
  if (first & 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4) throw new RangeError("der");
    length = 0;
    for (let i = 0; i < octets; ++i) length = length * 256 + (bytes[content++] ?? NaN);
  }
  if (!(content + length <= limit)) throw new RangeError("der");
  return { tag, start, content, end: content + length };
}

const sequence = 0x30, integer = 0x02, objectIdentifier = 0x06;
function expect(bytes: Uint8Array, start: number, limit: number, tag: number): Element {
  const element = elementAt(bytes, start, limit);
  if (element.tag !== tag) throw new RangeError("der");
  return element;
}

const hexOf = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const curves: Record<string, string> = { "2a8648ce3d030107": "P-256", "2b81040022": "P-384", "2b81040023": "P-521" };

export interface PublicKeyInfo {
  name: string; // "EC P-256", "RSA 2048"
  spki: Uint8Array<ArrayBuffer>;
}

export function publicKeyOf(pkcs10: Uint8Array<ArrayBuffer>): PublicKeyInfo {
  const request = expect(pkcs10, 0, pkcs10.length, sequence);
  const info = expect(pkcs10, request.content, request.end, sequence);
  const version = expect(pkcs10, info.content, info.end, integer);
  const subject = expect(pkcs10, version.end, info.end, sequence);
  const key = expect(pkcs10, subject.end, info.end, sequence);
  return { name: nameOf(pkcs10, key), spki: pkcs10.slice(key.start, key.end) };
}

function nameOf(bytes: Uint8Array, key: Element): string {
  const algorithm = expect(bytes, key.content, key.end, sequence);
  const identifier = expect(bytes, algorithm.content, algorithm.end, objectIdentifier);
  const oid = hexOf(bytes.subarray(identifier.content, identifier.end));
  if (oid === "2a8648ce3d0201") {
    const curve = expect(bytes, identifier.end, algorithm.end, objectIdentifier);
    return `EC ${curves[hexOf(bytes.subarray(curve.content, curve.end))] ?? ""}`.trim();
  }
  if (oid === "2b6570") return "Ed25519";
  if (oid === "2a864886f70d010101") {
    // BIT STRING without unused bits, then SEQUENCE { modulus, exponent }.
    const bits = elementAt(bytes, algorithm.end, key.end);
    const modulus = expect(bytes, expect(bytes, bits.content + 1, bits.end, sequence).content, bits.end, integer);
    const start = bytes[modulus.content] === 0 ? modulus.content + 1 : modulus.content;
    return `RSA ${(modulus.end - start) * 8}`;
  }
  return "";
}

export async function sha256Hex(data: Uint8Array<ArrayBuffer> | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

// "3f0a 11bc …": people compare groups of four.
export const grouped = (hex: string) => hex.replace(/(.{4})(?=.)/g, "$1 ");
