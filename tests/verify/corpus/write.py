"""All cases, and the folder that holds them: NAME.pdf with NAME.json beside it."""
import functools
import json
import pathlib
import sys

from . import attacks, bombs, forms, geometry, pki, revisions, structure, trust

GROUPS = (geometry, revisions, structure, forms, attacks, trust, bombs)


@functools.cache
def _made(group):
    return tuple(group.cases())


def cases_of(*groups):
    """Name → case."""
    cases = {}
    for group in groups:
        for case in _made(group):
            assert case.name not in cases, f"two cases are called {case.name}"
            cases[case.name] = case
    return cases


def all_cases():
    return cases_of(*GROUPS)


def anchors():
    """Name → PEM of the trust anchors that cases name."""
    return {"root": pki.world().root.pem, "published": trust.published().root.pem}


def write(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, pem in anchors().items():
        (folder / f"{name}.pem").write_text(pem)
    for case in all_cases().values():
        (folder / f"{case.name}.pdf").write_bytes(case.data)
        (folder / f"{case.name}.json").write_text(json.dumps(case.described(), ensure_ascii=False, indent=1) + "\n")
    return folder


if __name__ == "__main__":
    print(f"{len(all_cases())} cases in {write(sys.argv[1])}")
