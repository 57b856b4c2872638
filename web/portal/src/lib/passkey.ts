import type { Paths } from "@/api/types";
import { fromBase64url, toBase64url } from "./base64url";

type CreationOptions = Paths["/api/v1/me/passkeys/options"]["post"]["responses"]["200"]["content"]["application/json"];

export interface PasskeyAssertion {
  credential_id: string;
  authenticator_data: string;
  client_data_json: string;
  signature: string;
}

export function passkeysWork(): boolean {
  return typeof window !== "undefined" && window.isSecureContext && "PublicKeyCredential" in window;
}

// The person closed the browser's dialog or took too long: nothing to report.
export function isCancelled(error: unknown): boolean {
  return error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");
}

// navigator.credentials.create() for what POST /me/passkeys/options gave; the answer goes to POST /me/passkeys.
export async function createPasskey(options: CreationOptions) {
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: fromBase64url(options.challenge),
      rp: { id: options.rp_id, name: options.rp_name },
      user: { id: fromBase64url(options.user_id), name: options.user_name, displayName: options.user_display_name },
      pubKeyCredParams: options.algorithms.map((alg) => ({ type: "public-key" as const, alg })),
      excludeCredentials: options.exclude.map((id) => ({ type: "public-key" as const, id: fromBase64url(id) })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      attestation: "none",
    },
  })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  return { client_data_json: toBase64url(response.clientDataJSON), attestation_object: toBase64url(response.attestationObject) };
}

// navigator.credentials.get() over a challenge (base64url).
export async function askPasskey(challenge: string, rpId: string, allow: readonly string[] = []): Promise<PasskeyAssertion> {
  const got = (await navigator.credentials.get({
    publicKey: {
      challenge: fromBase64url(challenge),
      rpId,
      allowCredentials: allow.map((id) => ({ type: "public-key" as const, id: fromBase64url(id) })),
      userVerification: "required",
    },
  })) as PublicKeyCredential;
  const response = got.response as AuthenticatorAssertionResponse;
  return {
    credential_id: toBase64url(got.rawId),
    authenticator_data: toBase64url(response.authenticatorData),
    client_data_json: toBase64url(response.clientDataJSON),
    signature: toBase64url(response.signature),
  };
}

// What an officer's passkey signs when he signs a statement: SHA-256("kyso-statement" 0x00 type 0x00 payload), docs/statements.md.
// Computed here from the very text that is shown, so that a page cannot show one thing and have another signed.
export async function statementChallenge(type: "request" | "approval", payload: string): Promise<string> {
  const bytes = new TextEncoder().encode(`kyso-statement\0kyso-${type}+jwt\0${payload}`);
  return toBase64url(await crypto.subtle.digest("SHA-256", bytes));
}

export async function signStatement(type: "request" | "approval", payload: string, rpId: string, allow: readonly string[]) {
  const assertion = await askPasskey(await statementChallenge(type, payload), rpId, allow);
  return { type, payload, ...assertion };
}
