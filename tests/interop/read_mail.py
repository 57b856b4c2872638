#!/usr/bin/env python3
"""Prints a mail (standard input) as Python's email package understands it, as JSON. Used by src/net/mail_test.cpp."""
import base64
import email
import email.header
import email.policy
import email.utils
import json
import sys

raw = sys.stdin.buffer.read()
message = email.message_from_bytes(raw, policy=email.policy.default)


def faults(part):
    return [repr(defect) for defect in part.defects] + [fault for child in part.iter_parts() for fault in faults(child)]


def display_name():
    # The newer parser of the package puts a blank between two encoded words of a phrase, against RFC 2047 section 6.2.
    name, _ = email.utils.parseaddr(email.message_from_bytes(raw)["from"])
    return str(email.header.make_header(email.header.decode_header(name))) if "=?" in name else name


def text_of(kind):
    part = message.get_body((kind,))
    return None if part is None else part.get_content().replace("\r\n", "\n")


json.dump({
    "defects": faults(message),
    "from": message["from"].addresses[0].addr_spec,
    "from_name": display_name(),
    "to": [address.addr_spec for address in message["to"].addresses],
    "subject": message["subject"],
    "date": message["date"].datetime.isoformat(),
    "message_id": message["message-id"],
    "headers": [name for name in message.keys()],
    "type": message.get_content_type(),
    "text": text_of("plain"),
    "html": text_of("html"),
    "attachments": [{"name": part.get_filename(), "type": part.get_content_type(),
                     "content": base64.b64encode(part.get_payload(decode=True)).decode()}
                    for part in message.iter_attachments()],
    "longest_line": max(len(line) for line in raw.split(b"\r\n")),
    "is_ascii": raw.isascii(),
    "has_bare_line_ends": b"\n" in raw.replace(b"\r\n", b"") or b"\r" in raw.replace(b"\r\n", b""),
}, sys.stdout)
