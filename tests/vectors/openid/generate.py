#!/usr/bin/env python3
"""Makes tokens.json anew: a key set and ID tokens of the programs joserfc 1.8 (BSD-3-Clause) and PyJWT 2.15 (MIT). New
keys every time; the times are fixed, around 1800000000."""
import json
import pathlib

import jwt as pyjwt
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

NOW = 1800000000
CLAIMS = {"iss": "https://iam.example.vn/realms/kyso", "sub": "f1c2", "aud": "kyso-portal", "exp": NOW + 300, "iat": NOW,
          "nonce": "n-0S6_WzA2Mj", "email": "a@example.vn", "email_verified": True, "name": "Nguyễn Văn A"}

rsa = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
pss = RSAKey.generate_key(3072, {"kid": "pss-1", "use": "sig", "alg": "PS256"})
ec = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig", "alg": "ES256"})
stranger = ECKey.generate_key("P-256", {"kid": "ec-1"})
others = [RSAKey.generate_key(2048, {"kid": "enc-1", "use": "enc"}), ECKey.generate_key("P-384", {"kid": "p384-1"}),
          RSAKey.generate_key(1024, {"kid": "small-1", "use": "sig"})]


def token(key, algorithm, header=None, **changes):
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": key.kid, **(header or {})}, claims, key, algorithms=[algorithm])


tokens = {
    "RS256": token(rsa, "RS256"),
    "PS256": token(pss, "PS256"),
    "ES256": token(ec, "ES256"),
    "RS256 of PyJWT": pyjwt.encode(CLAIMS, rsa.private_key, "RS256", headers={"kid": "rsa-1"}),
    "ES256 of PyJWT": pyjwt.encode(CLAIMS, ec.private_key, "ES256", headers={"kid": "ec-1"}),
    "without kid": pyjwt.encode(CLAIMS, ec.private_key, "ES256"),
    "stranger": token(stranger, "ES256"),
    "unknown kid": pyjwt.encode(CLAIMS, ec.private_key, "ES256", headers={"kid": "ec-2"}),
    "encryption key": pyjwt.encode(CLAIMS, others[0].private_key, "RS256", headers={"kid": "enc-1"}),
    "small key": pyjwt.encode(CLAIMS, others[2].private_key, "RS256", headers={"kid": "small-1"}),
    "wrong algorithm": token(rsa, "PS256", {"kid": "ec-1"}),
    "PS256 key used with RS256": pyjwt.encode(CLAIMS, pss.private_key, "RS256", headers={"kid": "pss-1"}),
    "ES384": pyjwt.encode(CLAIMS, others[1].private_key, "ES384", headers={"kid": "p384-1"}),
    "HS256": pyjwt.encode(CLAIMS, "0123456789abcdef0123456789abcdef", "HS256", headers={"kid": "rsa-1"}),
    "none": pyjwt.encode(CLAIMS, None, "none"),
    "crit": pyjwt.encode(CLAIMS, ec.private_key, "ES256", headers={"kid": "ec-1", "crit": ["b64"], "b64": True}),
    "list of audiences": token(ec, "ES256", aud=["kyso-portal"], azp="kyso-portal"),
    "other claims": token(ec, "ES256", email_verified="true", email=None, name="", auth_time=NOW - 10,
                          roles=["clerk", "cán bộ"]),
    "no nbf yet": token(ec, "ES256", nbf=NOW + 60),
}
wrong = {
    "iss": [{"iss": "https://iam.example.vn/realms/kyso/"}, {"iss": None}, {"iss": "HTTPS://iam.example.vn/realms/kyso"}],
    "aud": [{"aud": "other"}, {"aud": None}, {"aud": []}, {"aud": ["kyso-portal", "other"]}, {"aud": ["other"]}],
    "azp": [{"azp": "other"}, {"azp": ""}],
    "exp": [{"exp": NOW - 60}, {"exp": None}, {"exp": NOW - 3600}],
    "iat": [{"iat": NOW + 61}, {"iat": None}],
    "nbf": [{"nbf": NOW + 61}],
    "nonce": [{"nonce": "another"}, {"nonce": None}, {"nonce": ""}],
    "sub": [{"sub": ""}, {"sub": None}, {"sub": "x" * 256}],
}
public = KeySet([*others, rsa, pss, ec]).as_dict(private=False)
public["keys"] += [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
                   {"kty": "oct", "kid": "rsa-1", "k": "AAAA"}, {"kty": "RSA", "kid": "rsa-1", "n": "AQAB"},
                   {"kty": "EC", "crv": "P-256", "kid": "ec-1", "x": "AQAB", "y": "AQAB"}, {}]
target = pathlib.Path(__file__).with_name("tokens.json")
target.write_text(json.dumps({
    "keys": public, "tokens": tokens,
    "wrong": {claim: [token(ec, "ES256", **each) for each in changes] for claim, changes in wrong.items()}},
    indent=1) + "\n")
