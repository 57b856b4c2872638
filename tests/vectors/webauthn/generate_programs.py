#!/usr/bin/env python3
"""Makes programs.json anew: ceremonies of the authenticator soft-webauthn 0.1.3 (MIT), which encodes with fido2 0.9
(BSD-2-Clause), checked by webauthn 3.0 (BSD-3-Clause) before they are stored. New keys and challenges every time."""
import json
import os
import pathlib

import webauthn
from soft_webauthn import SoftWebauthnDevice
from webauthn.helpers import bytes_to_base64url

PARTY, ORIGIN = "kyso.example.vn", "https://kyso.example.vn"


def ceremony():
    device, challenge = SoftWebauthnDevice(), os.urandom(32)
    made = device.create({"publicKey": {
        "rp": {"id": PARTY, "name": "Kyso"}, "user": {"id": b"1", "name": "a", "displayName": "A"},
        "challenge": challenge, "pubKeyCredParams": [{"alg": -7, "type": "public-key"}], "attestation": "none"}}, ORIGIN)
    identifier = bytes_to_base64url(made["rawId"])
    checked = webauthn.verify_registration_response(
        credential={"id": identifier, "rawId": identifier, "type": "public-key", "response": {
            "clientDataJSON": bytes_to_base64url(made["response"]["clientDataJSON"]),
            "attestationObject": bytes_to_base64url(made["response"]["attestationObject"])}},
        expected_challenge=challenge, expected_rp_id=PARTY, expected_origin=ORIGIN)
    out = {"name": "soft-webauthn", "credential_id": made["rawId"].hex(), "public_key": checked.credential_public_key.hex(),
           "registration": {"challenge": challenge.hex(), "client_data": made["response"]["clientDataJSON"].hex(),
                            "attestation": made["response"]["attestationObject"].hex()}}
    challenge = os.urandom(32)
    got = device.get({"publicKey": {"challenge": challenge, "rpId": PARTY}}, ORIGIN)["response"]
    webauthn.verify_authentication_response(
        credential={"id": identifier, "rawId": identifier, "type": "public-key", "response": {
            "clientDataJSON": bytes_to_base64url(got["clientDataJSON"]),
            "authenticatorData": bytes_to_base64url(got["authenticatorData"]),
            "signature": bytes_to_base64url(got["signature"])}},
        expected_challenge=challenge, expected_rp_id=PARTY, expected_origin=ORIGIN,
        credential_public_key=checked.credential_public_key, credential_current_sign_count=0)
    out["assertion"] = {"challenge": challenge.hex(), "client_data": got["clientDataJSON"].hex(),
                        "authenticator_data": got["authenticatorData"].hex(), "signature": got["signature"].hex()}
    return out


target = pathlib.Path(__file__).with_name("programs.json")
target.write_text(json.dumps([ceremony() for _ in range(3)], indent=1) + "\n")
