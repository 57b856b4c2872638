#!/usr/bin/env python3
"""Starts `openssl ocsp -port` for run.py, with an authority of its own in a temporary folder."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOOD, REVOKED, HELD, EXPIRED = ("01" + pair * 16 for pair in ("a1", "b2", "c3", "d4"))
SUBJECT = "/C=VN/CN=Nguyen Van A"


def run(*command):
    subprocess.run(["openssl", *command], check=True, capture_output=True)


def make_authority(folder):
    (folder / "ca.cnf").write_text(
        "[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\n"
        "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n")
    (folder / "ocsp.ext").write_text(
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for name in ("ca", "other"):
        run("req", "-x509", *key, "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", "-subj",
            f"/C=VN/CN=Sample authority {name}", "-days", "365", "-config", f"{folder}/ca.cnf")
    run("req", *key, "-keyout", f"{folder}/ocsp.key", "-out", f"{folder}/ocsp.csr", "-subj", "/C=VN/CN=Responder")
    run("x509", "-req", "-in", f"{folder}/ocsp.csr", "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key",
        "-set_serial", "2", "-days", "30", "-extfile", f"{folder}/ocsp.ext", "-out", f"{folder}/ocsp.pem")


def write_index(folder, revoked_at):
    def utc(seconds):
        return time.strftime("%y%m%d%H%M%SZ", time.gmtime(seconds))

    year = 365 * 86400
    rows = [("V", utc(revoked_at + year), "", GOOD), ("R", utc(revoked_at + year), utc(revoked_at) + ",keyCompromise", REVOKED),
            ("R", utc(revoked_at + year), utc(revoked_at) + ",certificateHold", HELD),
            ("E", utc(revoked_at - 86400), "", EXPIRED)]
    lines = ["\t".join([*row[:3], row[3].upper(), "unknown", SUBJECT]) for row in rows]
    (folder / "index.txt").write_text("\n".join(lines) + "\n")
    (folder / "index.txt.attr").write_text("unique_subject = no\n")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(port):
    """Without connecting: a connection that says nothing would be the first that is served."""
    for _ in range(200):
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            if any(f":{port:04X} " in line and " 0A " in line for line in open(table)):
                return
        time.sleep(0.05)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_authority(folder)
        revoked_at = int(time.time()) - 3600
        write_index(folder, revoked_at)
        port = free_port()
        server = subprocess.Popen(
            ["openssl", "ocsp", "-port", str(port), "-index", f"{folder}/index.txt", "-CA", f"{folder}/ca.pem",
             "-rsigner", f"{folder}/ocsp.pem", "-rkey", f"{folder}/ocsp.key", "-nmin", "60", "-ignore_err"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_until_open(port)
        version = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout
        number = re.search(r"[0-9.]+", version).group(0)
        print(json.dumps({
            "name": f"openssl ocsp {number}", "url": f"http://127.0.0.1:{port}/", "folder": str(folder),
            "issuer": "ca.pem", "stranger": "other.pem", "good": GOOD, "revoked": REVOKED, "revoked_at": revoked_at,
            "reason": 1, "held": HELD, "expired": EXPIRED, "unissued": "01" + "ee" * 16, "timeout": 4}), flush=True)
        sys.stdin.read()
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


if __name__ == "__main__":
    main()
