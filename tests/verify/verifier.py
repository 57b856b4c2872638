"""Runs kyso verify over many files at once and compares what it says with what is expected."""
import collections
import json

from corpus.case import TF, TP, Case, Expect
from corpus.write import anchors

EXIT_CODES = {"TOTAL_PASSED": 0, "TOTAL_FAILED": 1, "INDETERMINATE": 2}
WORDS = {"TOTAL_PASSED": "valid", "TOTAL_FAILED": "invalid", "INDETERMINATE": "undetermined"}
SEVERITIES = ("note", "info", "warning", "indeterminate", "failure")


class Bench:
    def __init__(self, kyso, folder):
        self.kyso, self.folder = kyso, folder
        for name, pem in anchors().items():
            (folder / f"{name}.pem").write_text(pem)
        self._rows = {}

    def options(self, case):
        """Only the authorities of the tests are trusted: the verdict depends on nothing else of the machine."""
        options = []
        for name in case.trust:
            options += ["--trust", self.folder / f"{name}.pem"]
        if case.policy:
            options += ["--policy", case.policy]
        return [*options, "--json", "--only-trust", "--at", case.at]

    def path(self, case):
        path = self.folder / f"{case.name}.pdf"
        if not path.exists():
            path.write_bytes(case.data)
        return path

    def verify(self, case, *more):
        """One file in one process: (exit code, what was said)."""
        return self.kyso.run("verify", *self.options(case), *more, self.path(case))

    def rows(self, cases):
        """What is said about each case: one process for all that are judged alike."""
        missing = [case for case in cases if case.name not in self._rows]
        for group in _alike(missing).values():
            self._rows |= self.verify_together(group)
        return self._rows

    def verify_together(self, cases):
        if len(cases) == 1:
            done = self.verify(cases[0])
            return {cases[0].name: _parsed(done.out, done)}
        done = self.kyso.run("verify", *self.options(cases[0]), *(self.path(case) for case in cases))
        by_path = {}
        for line in done.out.splitlines():
            row = json.loads(line)
            by_path[row["path"]] = row
        result = {}
        for case in cases:
            row = by_path.get(str(self.path(case)))
            if row is None:  # the program ended before it came to this file; which one was it?
                alone = self.verify(case)
                row = _parsed(alone.out, alone)
            result[case.name] = row
        return result


def _parsed(text, done):
    try:
        return json.loads(text)
    except ValueError:
        return {"crash": repr(done)[:2000]}


def _alike(cases):
    groups = collections.defaultdict(list)
    for case in cases:
        groups[case.at, case.trust, case.policy].append(case)
    return groups


# --- what is said against what is expected ----------------------------------------------------------------------------

def fits(code, wanted):
    """`wanted` ending in "." is the beginning of a code."""
    return code is not None and (code == wanted or (wanted.endswith(".") and code.startswith(wanted)))


def findings_of(part):
    """All findings in a part of the answer, those of time-stamps and certificates too."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "findings":
                yield from value
            else:
                yield from findings_of(value)
    elif isinstance(part, list):
        for value in part:
            yield from findings_of(value)


def complaints(case: Case, row):
    """What is wrong with the answer; empty when nothing is."""
    if "crash" in row or "error" in row:
        return [f"no verdict: {row.get('crash') or row['error']}"]
    out = []
    file_expected = case.file or case.expect
    out += consistent(row)
    if case.count is not None and len(row["signatures"]) != case.count:
        out.append(f"{len(row['signatures'])} signatures are told, expected {case.count}")
    # The file's findings may stand in the entries of its signatures, too.
    out += [
        f"file: {text}" for text in _verdict_complaints(file_expected, row, row, strict_reason=case.file is not None)
    ]
    if case.expect is not None:
        entries = [entry for entry in row["signatures"] if entry["field"] == case.subject]
        if not entries:
            out.append(f"{case.subject}: not told; there are {[entry['field'] for entry in row['signatures']]}")
        else:
            out += [f"{case.subject}: {text}" for text in _entry_complaints(case.expect, entries[0], row)]
    for field, expected in case.others.items():
        entry = next((entry for entry in row["signatures"] if entry["field"] == field), None)
        if entry is None:
            out.append(f"{field}: not told")
        else:
            out += [
                f"{field}: {text}"
                for text in _verdict_complaints(expected, entry, entry, strict_reason=bool(expected.reason))
            ]
    return out


def consistent(row):
    """Every verdict of every file has a subindication, a reason and words when it is not good."""
    out = []
    if row["verdict"] != WORDS[row["indication"]]:
        out.append(f"verdict {row['verdict']} beside {row['indication']}")
    for name, part in (("file", row), *((entry["field"] or "?", entry) for entry in row["signatures"])):
        if not part["explanation"]["sentence"]:
            out.append(f"{name}: no sentence")
        if part["indication"] == TP:
            if part["subindication"]:
                out.append(f"{name}: {TP} with {part['subindication']}")
        elif not part["reason"] and not (name == "file" and not row["signatures"]):
            out.append(f"{name}: {part['indication']} without a reason")
        elif not part["subindication"] and not (name == "file" and not row["signatures"]):
            out.append(f"{name}: {part['indication']} without a subindication")
    return out


def _verdict_complaints(expected: Expect, part, searched, strict_reason=True):
    got = (part["indication"], part["subindication"] or "")
    if got not in expected.verdicts:
        return [f"{'/'.join(got)} ({part['reason']} at {part['offset']}), expected "
                + " or ".join("/".join(verdict) for verdict in sorted(expected.verdicts))
                + (f" ({', '.join(expected.reason)})" if expected.reason else "")]
    if not strict_reason or not expected.reason:
        return []
    if part["indication"] == TP:
        if expected.indication != TP:
            return []
        return _told(expected, searched)
    weighty = {finding["code"] for finding in findings_of(searched) if finding["severity"] in SEVERITIES[3:]}
    changes = {
        change["code"] for entry in searched.get("signatures", [searched]) for change in entry.get("modifications", [])
    }
    if any(fits(code, wanted) for wanted in expected.reason for code in {part["reason"], *weighty}):
        return []
    return [
        f"reason {part['reason']} at {part['offset']}, expected {', '.join(expected.reason)}; findings: {sorted(weighty)}, "
        f"changes: {sorted(changes)}"
    ]


def _told(expected, entry):
    """A verdict that passed with information: the code is told, and weighs what it should."""
    codes = [
        finding for finding in findings_of(entry) if any(fits(finding["code"], wanted) for wanted in expected.reason)
    ]
    if not codes:
        return [f"passed, but {', '.join(expected.reason)} is not told; findings: "
                f"{sorted((f['code'], f['severity']) for f in findings_of(entry))}"]
    allowed = ("note", "info") if expected.severity == "info" else (expected.severity,)
    if not any(finding["severity"] in allowed for finding in codes):
        return [f"{codes[0]['code']} is a {codes[0]['severity']}, expected {expected.severity}"]
    return []


def _entry_complaints(expected: Expect, entry, row):
    out = _verdict_complaints(expected, entry, entry)
    if out and (entry["indication"], entry["subindication"] or "") not in expected.verdicts:
        return out
    found = list(findings_of(entry)) + row["findings"]
    if entry["indication"] == TP and expected.severity != "warning":
        out += [f"false alarm: warning {finding['code']} at {finding['offset']} {finding['parameters']}"
                for finding in entry["findings"] if finding["severity"] == "warning"]
    for wanted in expected.found:
        out += _finding_complaints(wanted, found)
    out += _change_complaints(expected, entry)
    if entry["indication"] == expected.indication:
        out += _offset_complaints(expected, entry)
    if expected.level and entry["level"] != expected.level:
        out.append(f"level {entry['level']}, expected {expected.level}")
    return out


def _finding_complaints(wanted, found):
    same = [finding for finding in found if fits(finding["code"], wanted.code)]
    if not same:
        return [f"{wanted.code} is not told; findings: {sorted({finding['code'] for finding in found})}"]
    if wanted.offset is not None and not any(finding["offset"] == wanted.offset for finding in same):
        return [f"{wanted.code} at {[finding['offset'] for finding in same]}, expected at {wanted.offset}"]
    if wanted.length is not None and not any(finding["length"] == wanted.length for finding in same):
        return [f"{wanted.code} of {[finding['length'] for finding in same]} bytes, expected {wanted.length}"]
    if wanted.severity and not any(finding["severity"] in wanted.severity for finding in same):
        return [f"{wanted.code} is a {same[0]['severity']}, expected {wanted.severity}"]
    return []


def _change_complaints(expected, entry):
    """One of the expected changes is listed. "change.none" is that none is."""
    if not expected.changes:
        return []
    listed = {change["code"] for change in entry["modifications"]}
    if expected.changes == ("change.none",):
        return [f"changes are told where nothing changed: {sorted(listed)}"] if listed else []
    if not any(fits(code, wanted) for wanted in expected.changes for code in listed):
        return [f"changes {sorted(listed)}, expected one of {expected.changes}"]
    return []


# Of what is not in the file's bytes (certificates, time, revocation) no offset can be told.
PLACELESS = ("cms.", "pki.", "revocation.", "timestamp.", "time.", "signer.")


def _offset_complaints(expected, entry):
    if expected.indication == TP or (entry["reason"] or "").startswith(PLACELESS):
        return []
    structural = expected.indication == TF and expected.subindication == "FORMAT_FAILURE"
    if entry["offset"] is None:
        return [f"{entry['reason']} without an offset"] if structural else []
    if expected.within and not expected.within[0] <= entry["offset"] < expected.within[1]:
        return [f"{entry['reason']} at {entry['offset']}, expected within {expected.within}"]
    return []
