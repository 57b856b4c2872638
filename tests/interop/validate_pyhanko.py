#!/usr/bin/env python3
"""Judges every signature of PDF files with pyHanko's strict reader and its difference analysis.

usage: validate_pyhanko.py [--root CERT.pem]... [--password P] [--lenient] [--time ISO] [--json] FILE...

Per signature: field, intact, valid, trusted, coverage, modification level, docmdp_ok, sound (all but trust). Exit status 1 when any signature is
not intact, not valid, changed beyond what it allows or (with --root) not trusted, and when a file has none or cannot be
read. --lenient opens files that the strict reader refuses by design (hybrid cross-references).
"""
import argparse
import datetime
import json
import logging
import sys

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext


def load_certificates(path):
    with open(path, "rb") as file:
        data = file.read()
    if not pem.detect(data):
        return [x509.Certificate.load(data)]
    return [x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True)]


def context(roots, moment):
    # Revocation is the business of a verifier with network access; here only what the file itself says counts.
    return ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail", moment=moment,
                             weak_hash_algos={"md2", "md5"})


USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)


def judge(signature, roots, moment):
    is_time_stamp = signature.sig_object_type == "/DocTimeStamp"
    if is_time_stamp:
        status = validate_pdf_timestamp(signature, context(roots, moment))
    else:
        status = validate_pdf_signature(signature, context(roots, moment), context(roots, moment),
                                        key_usage_settings=USAGE)
    level = status.modification_level
    verdict = {
        "field": signature.field_name,
        "kind": "time-stamp" if is_time_stamp else "signature",
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "coverage": status.coverage.name,
        "modifications": level.name if level is not None else "UNKNOWN",
        "docmdp_ok": status.docmdp_ok,
        "signer": status.signing_cert.subject.human_friendly,
    }
    if not is_time_stamp and status.timestamp_validity is not None:
        stamp = status.timestamp_validity
        verdict["time_stamp_valid"] = stamp.valid and stamp.intact
        verdict["time_stamp_trusted"] = stamp.trusted
        verdict["time_stamp"] = stamp.timestamp.timestamp()
    if isinstance(status.diff_result, SuspiciousModification):
        verdict["suspicious"] = str(status.diff_result)
    seed_error = getattr(status, "seed_value_constraint_error", None)
    if seed_error is not None:
        verdict["seed_value"] = str(seed_error)
    # pyHanko says nothing about DocMDP of a document time-stamp.
    permitted = status.docmdp_ok is not False if is_time_stamp else status.docmdp_ok
    verdict["sound"] = bool(status.intact and status.valid and permitted and seed_error is None
                            and level not in (None, ModificationLevel.OTHER)
                            and verdict.get("time_stamp_valid", True))
    verdict["ok"] = bool(verdict["sound"] and (status.trusted or not roots))
    return verdict


def judge_file(path, roots=(), password="", lenient=False, moment=None):
    roots = list(roots)
    try:
        with open(path, "rb") as file:
            reader = PdfFileReader(file, strict=not lenient)
            if reader.encrypted:
                reader.decrypt(password.encode())
            verdicts = [judge(signature, roots, moment) for signature in reader.embedded_signatures]
    except Exception as error:  # whatever the reader stumbles over is an answer about the file
        return {"file": str(path), "ok": False, "error": f"{type(error).__name__}: {error}", "signatures": []}
    result = {"file": str(path), "ok": bool(verdicts) and all(v["ok"] for v in verdicts), "signatures": verdicts}
    if not verdicts:
        result["error"] = "no signature"
    return result


def moment_of(text):
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", action="append", default=[], help="trusted root certificate, PEM or DER")
    parser.add_argument("--password", default="", help="of an encrypted file")
    parser.add_argument("--lenient", action="store_true", help="do not use the strict reader")
    parser.add_argument("--time", type=moment_of, help="validation time, ISO 8601 (default: now)")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("file", nargs="+")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # pyHanko logs stack traces of what is reported here anyway

    roots = [certificate for path in options.root for certificate in load_certificates(path)]
    results = [judge_file(path, roots, options.password, options.lenient, options.time) for path in options.file]
    if options.json:
        json.dump(results, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        for result in results:
            print(f"{result['file']}: {'ok' if result['ok'] else 'NOT OK'} {result.get('error', '')}".rstrip())
            for verdict in result["signatures"]:
                print("  " + " ".join(f"{key}={value}" for key, value in verdict.items()))
    return 0 if all(result["ok"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
