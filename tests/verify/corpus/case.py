"""What a case is and what is expected of it."""
import dataclasses

from . import cms, pki

TP, TF, IN = "TOTAL_PASSED", "TOTAL_FAILED", "INDETERMINATE"
FORMAT, HASH, CRYPTO, SIGC = "FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "SIG_CONSTRAINTS_FAILURE"


@dataclasses.dataclass(frozen=True)
class Found:
    """A finding that must be told. Offsets are those in the file; `within` is an interval for the offset."""
    code: str
    offset: int | None = None
    length: int | None = None
    within: tuple | None = None
    severity: tuple = ()


@dataclasses.dataclass(frozen=True)
class Expect:
    indication: str
    subindication: str = ""
    reason: tuple = ()          # the deciding reason is one of these; ending in "." it is the beginning of one
    severity: str = ""          # of a verdict that passed: "", "info", "warning" (the weightiest that is allowed)
    within: tuple | None = None  # where the reason must point
    found: tuple = ()           # Found…
    changes: tuple = ()         # reasons of later changes that must be listed; ending in "." the beginning of one
    level: str = ""
    also: tuple = ()            # (indication, subindication) that are right as well

    @property
    def verdicts(self):
        return {(self.indication, self.subindication), *self.also}


def passed(severity="", *reason, **more):
    return Expect(TP, "", reason, severity, **more)


def failed(*reason, sub=FORMAT, **more):
    return Expect(TF, sub, reason, **more)


def open_(*reason, sub=SIGC, **more):
    return Expect(IN, sub, reason, **more)


@dataclasses.dataclass
class Case:
    name: str
    data: bytes
    expect: Expect | None        # of the signature that the case is about; None: only the file's verdict is asked for
    subject: str = "Sig1"
    others: dict = dataclasses.field(default_factory=dict)  # field → Expect
    file: Expect | None = None   # of the file; default: that of the subject
    parent: str = ""
    twin: str = ""
    notes: str = ""
    policy: str = ""
    at: str = pki.JUDGED_AT
    trust: tuple = ("root",)     # names in corpus.write.anchors()
    count: int | None = None     # signatures that are told, no more and no fewer
    password: str = ""
    quick: bool = False          # also a case of time and memory

    @property
    def is_attack(self):
        expected = self.file or self.expect
        return expected.indication != TP or expected.severity == "warning"

    def described(self):
        expected = self.expect or self.file
        found = next((f for f in expected.found if f.offset is not None), None)
        within = expected.within
        return {"indication": expected.indication, "subindication": expected.subindication,
                "reason": list(expected.reason), "severity": expected.severity,
                "offset": found.offset if found else None, "length": found.length if found else None,
                "offset_within": list(within) if within else None, "field": self.subject if self.expect else None,
                "findings": [dataclasses.asdict(f) for f in expected.found], "changes": list(expected.changes),
                "others": {name: [e.indication, e.subindication] for name, e in self.others.items()},
                "file": [self.file.indication, self.file.subindication, list(self.file.reason)] if self.file else None,
                "parent": self.parent, "twin": self.twin, "policy": self.policy, "at": self.at,
                "trust": list(self.trust), "notes": self.notes}


def by(holder, **options):
    """A maker of baseline signatures for pdf.fill()."""
    return lambda content: cms.sign(content, holder, **options)


def signer():
    return pki.world().signer
