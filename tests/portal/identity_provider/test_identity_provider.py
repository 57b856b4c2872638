"""Signing in by OpenID Connect against a provider that others wrote (npm: oidc-provider)."""

import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PROGRAM = pathlib.Path(os.environ["KYSO_REGISTRY_TEST"])
WORK = pathlib.Path(os.environ["KYSO_BUILD"]) / "identity-provider"
REDIRECT = "https://cong.example.vn/api/v1/session/oidc/callback"


def with_node(command):
    return ["bash", "-c", f'set -e; root={ROOT}; . "$root/tools/node.bash"; {command}']


def prepare():
    WORK.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_bytes()
    done = WORK / "installed.json"
    for name in ("package.json", "package-lock.json", "oidc_provider.mjs"):
        shutil.copy(HERE / name, WORK / name)
    if not done.exists() or done.read_bytes() != lock:
        subprocess.run(with_node("npm ci --ignore-scripts --no-audit --no-fund"), cwd=WORK, check=True)
        done.write_bytes(lock)


def test_people_sign_in_at_a_real_provider():
    prepare()
    with subprocess.Popen(with_node(f'exec "$node" oidc_provider.mjs {REDIRECT}'), cwd=WORK, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as provider:
        try:
            issuer = provider.stdout.readline().strip()
            assert issuer.startswith("http://127.0.0.1:"), issuer
            run = subprocess.run([str(PROGRAM), "--test-case=identity provider:*"], capture_output=True, text=True,
                                 timeout=300, check=False, env={**os.environ, "KYSO_OIDC_ISSUER": issuer})
            assert run.returncode == 0, run.stdout + run.stderr
            assert "test cases: 1 | 1 passed" in " ".join(run.stdout.split()), run.stdout
        finally:
            provider.stdin.close()
            provider.wait(timeout=10)
