#!/usr/bin/env python3
"""Starts Kyso's status service for run.py: the test program of the module, in its case that serves until its standard
input is closed. KYSO_TEST_PROGRAM names it; otherwise build/bin/tests/kyso_authority_test."""

import os
import subprocess
import sys
from pathlib import Path


def main():
    root = Path(__file__).resolve().parents[4]
    program = os.environ.get("KYSO_TEST_PROGRAM", str(root / "build/bin/tests/kyso_authority_test"))
    server = subprocess.Popen([program, "--no-skip", "--test-case=serve for the OCSP conformance suite"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    # Only the configuration: the rest is the test program's own.
    for line in server.stdout:
        if line.startswith("{"):
            print(line, end="", flush=True)
            break
    sys.stdin.read()
    server.communicate()


if __name__ == "__main__":
    main()
