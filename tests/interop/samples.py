"""The PDF files of tests/data/pdf (see its README.md) and what is known about each before anybody signs it."""
import dataclasses
import functools

from program import DATA


@dataclasses.dataclass(frozen=True)
class Sample:
    name: str
    password: str = ""
    repair: bool = False       # kyso asks for --repair
    lenient: str = ""          # why pyHanko's strict reader refuses the file, signed or not
    no_pyhanko: str = ""       # why pyHanko cannot read it at all
    refusal: tuple = ()        # exit code and error of every new signature
    no_room: bool = False      # a page too small for lines of text
    earlier_bad: tuple = ()    # earlier signatures that are broken in the file itself
    pdfsig_mute: tuple = ()    # earlier signatures that pdfsig cannot judge

    @property
    def path(self):
        return DATA / self.name

    @property
    def options(self):
        return (*(("--password", self.password) if self.password else ()), *(("--repair",) if self.repair else ()))


HYBRID = "ISO 32000-2 dropped hybrid references; pyHanko's strict reader does not validate them by design"
JUNK = "pyHanko reads no file whose first bytes are not %PDF-"
CERTIFIED = (14, "decree30.permission.certified")

KNOWN = (
    Sample("own/hybrid-update.pdf", lenient=HYBRID),
    Sample("own/pdf20-offset-start.pdf", no_pyhanko=JUNK),
    Sample("own/signed-certified-p1.pdf", refusal=(14, "decree30.permission.none")),
    # A new visible signature field on a certified document is what strict validators refuse.
    Sample("own/signed-certified-p2.pdf", refusal=CERTIFIED),
    Sample("own/signed-certified-p2-then-approval.pdf", refusal=CERTIFIED),
    Sample("pyhanko/malformed-xref-space-padded.pdf", repair=True),
    Sample("pyhanko/minimal-badxref.pdf", repair=True),
    Sample("pyhanko/minimal-startxref-obo1.pdf", repair=True),
    Sample("pyhanko/minimal-hybrid-xref.pdf", lenient=HYBRID),
    Sample("pyhanko/minimal-hybrid-xref-mswordstyle.pdf", lenient=HYBRID),
    Sample("pyhanko/minimal-two-fields.pdf", no_room=True),
    Sample("pyhanko/minimal-two-fields-tagged.pdf", no_room=True),
    Sample("pyhanko/minimal-two-fields-signed-twice.pdf", no_room=True),
    Sample("pyhanko/minimal-with-field-aes256.pdf", password="usersecret"),
    Sample("pyhanko/minimal-with-field-rc4.pdf", password="usersecret"),
    Sample("pyhanko/pades-lta-dss-indirect-arrs-test.pdf",
           pdfsig_mute=("Timestamp-977301ad-bec9-4cae-a0cd-f6a674c6e465",)),  # poppler judges no document time-stamp
    Sample("qpdf/20-pages.pdf", password="user"),
    Sample("qpdf/enc-r6-user-view-owner-master.pdf", password="master"),
    Sample("qpdf/hybrid-xref.pdf", lenient=HYBRID),
    Sample("qpdf/leading-junk.pdf", no_pyhanko=JUNK),
    Sample("verapdf/pdfa-2b-docmdp-6-1-12-t02-pass-a.pdf", refusal=CERTIFIED, earlier_bad=("Signature2",)),
)


@functools.cache
def sample(name):
    return next((known for known in KNOWN if known.name == name), Sample(name))


def all_samples():
    return [sample(str(path.relative_to(DATA))) for path in sorted(DATA.rglob("*.pdf"))]


LETTERS = ("vn-cong-van.pdf", "vn-quyet-dinh.pdf", "vn-to-trinh.pdf")

# README.md section 5: the fourteen structural variants of a file that a signer meets.
VARIANTS = ("pyhanko/minimal.pdf", "pyhanko/minimal-xref.pdf", "pyhanko/minimal-hybrid-xref.pdf", "own/hybrid-update.pdf",
            "pyhanko/minimal-hybrid-xref-mswordstyle.pdf", "own/vn-to-trinh-linearized.pdf", "qpdf/c-linearized.pdf",
            "own/vn-cong-van-aes256.pdf", "qpdf/good13.pdf", "verapdf/pdfa-4-form-6-4-1-t01-pass-b.pdf",
            "own/pdf20-offset-start.pdf", "own/pdf20-incremental.pdf", "pyhanko/minimal-two-fields-signed-twice.pdf",
            "own/signed-certified-p2.pdf", "pyhanko/minimal-with-field.pdf", "own/two-empty-fields.pdf",
            "pyhanko/minimal-badxref.pdf", "pyhanko/minimal-startxref-obo1.pdf")
