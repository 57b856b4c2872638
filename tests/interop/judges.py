"""Other people's programs that judge what Kyso writes: qpdf, pdfsig, pyHanko, and readers of text and fonts."""
import dataclasses
import functools
import logging
import re
import subprocess

from validate_pyhanko import judge_file, load_certificates

logging.disable(logging.CRITICAL)  # pyHanko logs stack traces of what its verdict says anyway


def call(*command, timeout=120, **options):
    return subprocess.run([str(part) for part in command], capture_output=True, timeout=timeout, check=False, **options)


# --- qpdf ---------------------------------------------------------------------------------------------------------------

def qpdf_complaints(path, password=""):
    """Exit code of `qpdf --check` and its complaints without file name and numbers, which differ from file to file."""
    done = call("qpdf", f"--password={password}", "--check", path)
    text = (done.stdout + done.stderr).decode(errors="replace").replace(str(path), "FILE")
    complaints = {re.sub(r"\d+", "#", line) for line in text.splitlines() if line.startswith(("WARNING", "ERROR"))}
    return done.returncode, complaints


def assert_sound(path, password="", source=None, source_password=None):
    """`qpdf --check` finds nothing, or nothing that was not in the source."""
    code, complaints = qpdf_complaints(path, password)
    if code == 0:
        return
    assert source is not None, f"qpdf --check {path}: {code} {complaints}"
    source_code, known = qpdf_complaints(source, password if source_password is None else source_password)
    assert code <= source_code and complaints <= known, f"qpdf --check {path}: {code}, new: {complaints - known}"


# --- pdfsig -------------------------------------------------------------------------------------------------------------

@dataclasses.dataclass
class PdfsigVerdict:
    field: str = ""
    valid: str = ""       # "Signature is Valid."
    certificate: str = ""  # "Certificate is Trusted."
    whole: bool = False

    @property
    def ok(self):
        return self.valid == "Signature is Valid."


def pdfsig(path, password="", nss=None):
    """What pdfsig says about each signature, by field; a signature that it cannot judge stands with what it says."""
    certificates = ("-nssdir", f"sql:{nss}") if nss else ("-nocert",)
    done = call("pdfsig", *certificates, *(("-upw", password, "-opw", password) if password else ()), path)
    verdicts = []
    for line in done.stdout.decode(errors="replace").splitlines():
        line = line.strip()
        if line.startswith("Signature #"):
            verdicts.append(PdfsigVerdict())
        elif line.startswith("- Signature Field Name:"):
            verdicts[-1].field = line.split(":", 1)[1].strip()
        elif line.startswith("- Signature Validation:"):
            verdicts[-1].valid = line.split(":", 1)[1].strip()
        elif line.startswith("- Certificate Validation:"):
            verdicts[-1].certificate = line.split(":", 1)[1].strip()
        elif line == "- Total document signed":
            verdicts[-1].whole = True
    return {verdict.field: verdict for verdict in verdicts if verdict.valid}


# --- MuPDF --------------------------------------------------------------------------------------------------------------

def mupdf(path):
    """What `mutool sign -v` says about each signature; MuPDF calls every later update an edit."""
    done = call("mutool", "sign", "-v", path)
    lines = [line.strip() for line in done.stdout.decode(errors="replace").splitlines()]
    return [line for line in lines if line.startswith(("The ", "Digest", "Signature", "Invalid", "Unable"))]


# --- pyHanko ------------------------------------------------------------------------------------------------------------

@functools.lru_cache
def roots_of(path):
    return tuple(load_certificates(path)) if path else ()


def pyhanko(path, password="", root=None, lenient=False):
    """The verdict on each signature, by field, of the strict reader with difference analysis."""
    result = judge_file(path, roots_of(root), password, lenient)
    assert result["signatures"], f"pyHanko on {path}: {result.get('error')}"
    return {verdict["field"]: verdict for verdict in result["signatures"]}


def assert_all_valid(path, password="", root=None, lenient=False, count=None, by_pdfsig=True):
    """Every signature is accepted by pyHanko and pdfsig; the newest covers the whole file."""
    verdicts = pyhanko(path, password, root, lenient)
    bad = {name: verdict for name, verdict in verdicts.items() if not verdict["ok"]}
    assert not bad, f"pyHanko on {path}: {bad}"
    assert any(verdict["coverage"] == "ENTIRE_FILE" for verdict in verdicts.values()), f"{path}: no signature covers it"
    if count is not None:
        assert len(verdicts) == count, f"{path}: {sorted(verdicts)}"
    if by_pdfsig:
        seen = pdfsig(path, password)
        names = {name for name, verdict in verdicts.items() if verdict["kind"] == "signature"}
        bad = {name: seen.get(name) for name in names if name not in seen or not seen[name].ok}
        assert not bad, f"pdfsig on {path}: {bad}"
    return verdicts


# --- readers of pages ---------------------------------------------------------------------------------------------------

def page_text(path, page=None, password="", layout=True):
    pages = ("-f", page, "-l", page) if page else ()
    done = call("pdftotext", *(("-layout",) if layout else ("-raw",)), *pages,
                *(("-upw", password) if password else ()), "-enc", "UTF-8", path, "-")
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@dataclasses.dataclass
class FontRow:
    name: str
    kind: str
    embedded: bool
    subset: bool
    unicode: bool


def fonts(path):
    rows = []
    for line in call("pdffonts", path).stdout.decode(errors="replace").splitlines()[2:]:
        match = re.match(r"(\S+|\[none\])\s+(.+?)\s+(\S+)\s+(yes|no)\s+(yes|no)\s+(yes|no)\s+\d+\s+\d+$", line)
        assert match, line
        rows.append(FontRow(match[1], match[2], *(value == "yes" for value in match.groups()[3:6])))
    return rows


def word_boxes(path, page=1):
    """(x0, y0, x1, y1, word) in points from the upper left of the page as seen."""
    done = call("pdftotext", "-bbox", "-f", page, "-l", page, path, "-")
    rows = re.findall(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>',
                      done.stdout.decode())
    return [(*(float(value) for value in row[:4]), row[4]) for row in rows]
