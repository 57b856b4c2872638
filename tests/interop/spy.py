"""Between the program and a token: OpenSC's pkcs11-spy, which writes down every call."""
import pathlib
import re

SPY = pathlib.Path("/usr/lib/x86_64-linux-gnu/pkcs11-spy.so")


def spied(authority, uri, log):
    """The URI with OpenSC's pkcs11-spy between: what was called stands in the log."""
    spy = next(path for path in (SPY, *pathlib.Path("/usr/lib").rglob("pkcs11-spy.so")) if path.exists())
    base, module = uri.split("?module-path=")
    return f"{base}?module-path={spy}", authority.token_environment | {"PKCS11SPY": module, "PKCS11SPY_OUTPUT": str(log)}


def logins(log):
    return len(re.findall(r"^\d+: C_Login", log.read_text(errors="replace"), re.M))
