"""Bad input and bad circumstances: the documented exit code, a sentence and a next step, nothing changed, nothing left."""
import contextlib
import json
import os
import random
import resource
import signal
import struct
import subprocess
import threading
import time
import zlib

import pytest
from judges import assert_all_valid
from program import DATA, SIGNATURE_PNG, assert_refused, leftovers, sha256
from samples import sample

LETTER = DATA / "vn-cong-van.pdf"


@pytest.fixture
def refused(kyso, authority, tmp_path):
    """Signs `source` into the test's folder and expects a refusal."""
    def run(source, code, error=None, *options, output="out.pdf", holder=None, **more):
        arguments = ("sign", source, "-o", tmp_path / output, *(authority.p12("leader") if holder is None else holder),
                     *options)
        return assert_refused(kyso, tmp_path, arguments, code, error, secrets=(authority.pin,), **more)
    return run


def written(folder, data, name="in.pdf"):
    path = folder / name
    path.write_bytes(data)
    return path


# --- files that are no sound PDF ------------------------------------------------------------------------------------------

def test_empty_file(refused, tmp_path):
    refused(written(tmp_path, b""), 3, "pdf.file.empty")


def test_missing_file(refused, tmp_path):
    described = refused(tmp_path / "không có.pdf", 64, "base.file.missing")
    assert "không có.pdf" in described["message"]


def test_folder_as_input(refused, tmp_path):
    (tmp_path / "folder").mkdir()
    refused(tmp_path / "folder", 65)


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes(refused, tmp_path, seed):
    refused(written(tmp_path, random.Random(seed).randbytes(5000 * seed + 1)), 3, "pdf.not_pdf")


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_behind_a_header(refused, tmp_path, seed):
    path = written(tmp_path, b"%PDF-1.7\n" + random.Random(seed).randbytes(20000))
    for options in ((), ("--repair",)):
        refused(path, 3, "pdf.unrepairable", *options)


@pytest.mark.parametrize("path", [SIGNATURE_PNG, __file__])
def test_something_else(refused, path):
    refused(path, 3, "pdf.not_pdf")


@pytest.mark.parametrize("name", ["vn-cong-van.pdf", "pyhanko/minimal.pdf", "qpdf/image-streams.pdf"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.98])
def test_truncated(kyso, authority, refused, tmp_path, name, share):
    """Never signed unasked, and with --repair only when pages are left; exit code 3 says that nothing helps."""
    data = (DATA / name).read_bytes()
    path, output = written(tmp_path, data[:int(len(data) * share)]), tmp_path / "out.pdf"
    done = kyso.sign(path, output, authority.p12("leader"))
    assert done.code in (3, 13), done
    refused(path, done.code)
    if done.code == 3:
        refused(path, 3, None, "--repair")
        return
    repaired = kyso.sign(path, output, authority.p12("leader"), "--repair")
    if repaired.code != 0:
        assert "--repair" not in refused(path, 3, "pdf.pages.broken", "--repair")["next_step"]
        return
    assert repaired.json["repairs"] and output.read_bytes().startswith(path.read_bytes())


def startxref_to(data, offset):
    at = data.rindex(b"startxref")
    return data[:at] + b"startxref\n%d\n%%%%EOF\n" % offset


@pytest.mark.parametrize("offset", [0, 7, 100, 10**7, 10**18])
def test_cross_reference_elsewhere(refused, tmp_path, offset):
    refused(written(tmp_path, startxref_to((DATA / "pyhanko/minimal.pdf").read_bytes(), offset)), 13)


def test_cross_reference_loops(refused, tmp_path):
    data = (DATA / "pyhanko/minimal.pdf").read_bytes()
    offset = int(data[data.rindex(b"startxref") + 9:].split()[0])
    refused(written(tmp_path, data.replace(b"trailer\n  <<", b"trailer\n<</Prev %d" % offset)), 13,
            "pdf.xref.loop")


def test_two_sections_that_name_each_other(refused, tmp_path):
    data = (DATA / "pyhanko/minimal-with-field.pdf").read_bytes()
    first, last = data.index(b"xref\n"), data.rindex(b"\nxref\n") + 1
    assert first < last
    data = data.replace(b"trailer\n<<", b"trailer\n<</Prev %07d" % (last + 14), 1)
    at = int(data[data.rindex(b"startxref") + 9:].split()[0])
    refused(written(tmp_path, startxref_to(data, at + 14)), 13)


def test_pages_that_loop(refused, tmp_path):
    data = (DATA / "pyhanko/minimal.pdf").read_bytes()
    assert data.count(b"/Kids") == 1
    kids = data[data.index(b"/Kids"):]
    kids = kids[:kids.index(b"]") + 1]
    path = written(tmp_path, data.replace(kids, b"/Kids[2 0 R]".ljust(len(kids))))
    refused(path, 3)


def test_deep_nesting(refused, tmp_path):
    data = b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000 + b"\nendobj\n" + (DATA / "pyhanko/minimal.pdf").read_bytes()[9:]
    path = written(tmp_path, data)
    refused(path, 13)


def test_junk_before_the_header(kyso, authority, tmp_path):
    """Legal, if unusual: signed, with the junk kept."""
    path = written(tmp_path, b"HTTP/1.1 200 OK\r\n\r\n" + LETTER.read_bytes())
    done = kyso.sign(path, tmp_path / "out.pdf", authority.p12("leader"))
    assert done.code in (0, 13), done
    if done.code == 13:
        kyso.sign(path, tmp_path / "out.pdf", authority.p12("leader"), "--repair").ok()
    assert (tmp_path / "out.pdf").read_bytes().startswith(path.read_bytes())


# --- encryption and certification ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["pyhanko/minimal-with-field-aes256.pdf", "pyhanko/minimal-with-field-rc4.pdf",
                                  "qpdf/20-pages.pdf", "qpdf/enc-r6-user-view-owner-master.pdf"])
def test_passwords(kyso, authority, refused, tmp_path, name):
    refused(DATA / name, 10, "pdf.encrypted.password_needed")
    refused(DATA / name, 11, "pdf.encrypted.password_wrong", "--password", "sai-mật-khẩu")
    secret = written(tmp_path, (sample(name).password + "\r\n").encode(), "password.txt")
    kyso.sign(DATA / name, tmp_path / "out.pdf", authority.p12("leader"), "--password", f"file:{secret}").ok()
    assert_all_valid(tmp_path / "out.pdf", sample(name).password, root=authority.root, count=1)


def test_reader_without_permission(kyso, authority, refused, tmp_path):
    """The owner forbids changes to whoever opens with the reader's password."""
    locked = tmp_path / "locked.pdf"
    subprocess.run(["qpdf", "--encrypt", "reader", "owner", "256", "--modify=none", "--annotate=n", "--form=n", "--", LETTER,
                    locked], check=True)
    refused(locked, 12, "pdf.encrypted.forbids", "--password", "reader")
    kyso.sign(locked, tmp_path / "out.pdf", authority.p12("leader"), "--password", "owner").ok()
    assert_all_valid(tmp_path / "out.pdf", "owner", root=authority.root, count=1)


def test_certified_against_changes(refused):
    refused(DATA / "own/signed-certified-p1.pdf", 14, "decree30.permission.none")


# --- places -------------------------------------------------------------------------------------------------------------------

IMAGE = ("--role", "leader", "--image", SIGNATURE_PNG)


@pytest.mark.parametrize("page", [2, 99, 10**9])
def test_page_that_is_not_there(refused, page):
    refused(LETTER, 16, "pdf.page.missing", *IMAGE, "--page", page, "--rect", "10,10,50,50")


@pytest.mark.parametrize("page", ["0", "-1", "một"])
def test_page_that_is_none(refused, page):
    refused(LETTER, 4, None, *IMAGE, "--page", page, "--rect", "10,10,50,50")


@pytest.mark.parametrize("rect", ["600,10,50,50", "10,900,50,50", "-100,10,50,50", "0,0,5000,5000"])
def test_rectangle_outside(refused, rect):
    refused(LETTER, 17, "pdf.rect.outside", *IMAGE, f"--rect={rect}")


@pytest.mark.parametrize("rect", ["1,2,3", "1,2,3,4,5", "a,b,c,d", "10,10,0,50", "10,10,-5,5", "nan,1,1,1", "1e308,1,1,1",
                                  "10;10;50;50"])
def test_rectangle_that_is_none(refused, rect):
    refused(LETTER, 4, "kyso.rect.invalid", *IMAGE, f"--rect={rect}")


def test_two_ways_to_say_where(refused):
    refused(LETTER, 4, "decree30.place.conflict", *IMAGE, "--rect", "10,10,50,50", "--near", "Nguyễn Văn A")


def test_name_that_is_not_there(refused):
    described = refused(LETTER, 20, "decree30.name.not_found", *IMAGE, "--near", "Lê Thị Không Có")
    assert "Lê Thị Không Có" in described["message"]


def test_name_in_several_places(refused):
    described = refused(LETTER, 21, "decree30.name.ambiguous", *IMAGE, "--near", "văn bản")
    assert "văn bản" in described["message"]


@pytest.mark.parametrize("field, error", [("KhongCo", "pdf.field.missing"), ("LanhDao", "pdf.field.signed")])
def test_fields(refused, field, error):
    refused(DATA / "own/signed-certified-p2.pdf", 15, error, *IMAGE, "--field", field)


# --- pictures -----------------------------------------------------------------------------------------------------------------

def png(width, height, data, colour=6):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)) +
            chunk(b"IDAT", data) + chunk(b"IEND", b""))


def bomb():
    """30 kB that unfold to 900 million pixels."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(30)) + packer.flush()
    return png(30000, 30000, data)


PICTURES = {
    "not a PNG": (LETTER.read_bytes(), 18), "JPEG": (b"\xff\xd8\xff\xe0" + bytes(500), 18), "empty": (b"", 18),
    "cut off": (SIGNATURE_PNG.read_bytes()[:5000], 18), "header only": (SIGNATURE_PNG.read_bytes()[:33], 18),
    "bomb": (bomb(), 19), "absurd size": (png(2**31 - 1, 2**31 - 1, b""), 19),
    "bytes flipped": (SIGNATURE_PNG.read_bytes()[:9000] + b"\x55" * 200 + SIGNATURE_PNG.read_bytes()[9200:], 18),
    "wholly transparent": (png(10, 10, zlib.compress((b"\0" + bytes(40)) * 10)), 18),
    "nothing inside": (png(10, 10, zlib.compress(b"")), 18), "no size": (png(0, 0, zlib.compress(b"")), 18)}


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures(refused, tmp_path, kind):
    data, code = PICTURES[kind]
    refused(LETTER, code, None, "--role", "leader", "--image", written(tmp_path, data, "picture.png"))


def test_a_bomb_takes_no_memory(kyso, authority, tmp_path):
    picture = written(tmp_path, bomb(), "bomb.png")
    process = subprocess.Popen(kyso.command("sign", LETTER, "-o", tmp_path / "x.pdf", *authority.p12("leader"), "--image",
                                            picture), env=kyso.environment, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 19 and usage.ru_maxrss < 100_000, f"{usage.ru_maxrss} kB"


def test_picture_that_is_not_there(refused, tmp_path):
    refused(LETTER, 64, "base.file.missing", "--role", "leader", "--image", tmp_path / "nothing.png")


@pytest.mark.parametrize("role", ["leader", "organisation"])
def test_roles_that_need_a_picture(refused, role):
    refused(LETTER, 18, "decree30.image.missing", "--role", role)


# --- where the output goes --------------------------------------------------------------------------------------------------

def test_output_is_input(kyso, authority, tmp_path):
    source = written(tmp_path, LETTER.read_bytes())
    (tmp_path / "folder").mkdir()
    (tmp_path / "symlink.pdf").symlink_to(source)
    (tmp_path / "folder" / "to-link.pdf").symlink_to(tmp_path / "symlink.pdf")
    os.link(source, tmp_path / "hard.pdf")
    for output in ("in.pdf", "symlink.pdf", "hard.pdf", "folder/to-link.pdf", "folder/../in.pdf", "./in.pdf"):
        arguments = ("sign", source, "-o", str(tmp_path) + "/" + output, *authority.p12("leader"))
        assert_refused(kyso, tmp_path, arguments, 63, "kyso.output.is_input")


def test_output_folder_is_not_there(refused):
    refused(LETTER, 61, None, output="không/có/out.pdf")


def test_output_is_a_folder(refused, tmp_path):
    (tmp_path / "out.pdf").mkdir()
    refused(LETTER, 61)


def test_output_under_a_file(refused, tmp_path):
    written(tmp_path, b"x", "file")
    refused(LETTER, 61, None, output="file/out.pdf")


def test_disk_full(kyso, authority, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", disk], capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be mounted by root only; test_file_size_limit does without")
    try:
        assert_refused(kyso, disk, ("sign", LETTER, "-o", disk / "out.pdf", *authority.p12("leader")), 60,
                       "base.file.disk_full")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_file_size_limit(kyso, authority, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
    done = kyso.sign(LETTER, tmp_path / "out.pdf", authority.p12("leader"), preexec_fn=limit)
    assert done.code == 61 and done.json["error"]["code"] == "base.file.unwritable", done
    assert not list(tmp_path.iterdir())


def test_a_former_output_stays_when_signing_fails(kyso, authority, tmp_path):
    former = written(tmp_path, b"the former output", "out.pdf")
    done = kyso.sign(written(tmp_path, b"no PDF"), former, authority.p12("leader"))
    assert done.code == 3 and former.read_bytes() == b"the former output"


@pytest.mark.parametrize("mask, mode", [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_permissions_of_the_output(kyso, authority, tmp_path, mask, mode):
    kyso.sign(LETTER, tmp_path / "out.pdf", authority.p12("leader"), umask=mask).ok()
    assert (tmp_path / "out.pdf").stat().st_mode & 0o777 == mode


def test_output_takes_the_place_whole(kyso, authority, tmp_path):
    """Who reads the former output while it is replaced reads the former or the new one, never half."""
    output = tmp_path / "out.pdf"
    kyso.sign(LETTER, output, authority.p12("leader")).ok()
    with open(output, "rb") as reader:
        kyso.sign(LETTER, output, authority.p12("leader")).ok()
        former = reader.read()
    assert former.endswith(b"%%EOF\n") and former != output.read_bytes()


# --- killed -------------------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A letter of 50 MB: an unused stream in an update of its own."""
    path = tmp_path_factory.mktemp("large") / "large.pdf"
    data = LETTER.read_bytes()
    previous = int(data[data.rindex(b"startxref") + 9:].split()[0])
    size, root = trailer_value(LETTER, "Size"), trailer_value(LETTER, "Root")
    noise = random.Random(1).randbytes(1 << 20) * 50
    start = len(data)
    head = b"%s 0 obj\n<</Length %d>>\nstream\n" % (size, len(noise))
    body = head + noise + b"\nendstream\nendobj\n"
    entry = b"xref\n%s 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        size, start, int(size) + 1, root, previous, start + len(body))
    path.write_bytes(data + body + entry)
    return path


def trailer_value(path, key):
    done = subprocess.run(["qpdf", "--json=2", "--json-stream-data=none", "--json-key=qpdf", path], capture_output=True,
                          check=True)
    return str(json.loads(done.stdout)["qpdf"][1]["trailer"]["value"]["/" + key]).encode()


def test_large_file(kyso, authority, large, tmp_path):
    start = time.monotonic()
    kyso.sign(large, tmp_path / "out.pdf", authority.p12("leader")).ok()
    assert time.monotonic() - start < 20
    assert_all_valid(tmp_path / "out.pdf", root=authority.root, count=1)


def test_killed_at_any_moment(kyso, authority, large, tmp_path):
    before, output = sha256(large), tmp_path / "out.pdf"
    command = kyso.command("sign", large, "-o", output, *authority.p12("leader"))
    start = time.monotonic()
    subprocess.run(command, env=kyso.environment, check=True, capture_output=True)
    whole = time.monotonic() - start
    output.unlink()
    moments, killed = random.Random(7), 0
    for _ in range(200):
        start = time.monotonic()
        process = subprocess.Popen(command, env=kyso.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        timer = threading.Timer(moments.random() * whole, process.kill)
        timer.start()
        code = process.wait()
        timer.cancel()
        if code == -signal.SIGKILL:
            killed += 1
            # Either nothing, or (killed between the rename and the end) the whole.
            assert set(leftovers(tmp_path)) <= {"out.pdf"}, leftovers(tmp_path)
            if output.exists():
                assert output.stat().st_size > large.stat().st_size and output.read_bytes().endswith(b"%%EOF\n")
        else:
            assert code == 0
            whole = time.monotonic() - start
        with contextlib.suppress(FileNotFoundError):
            output.unlink()
        if killed == 20:
            break
    assert killed == 20, f"only {killed} were killed"
    assert sha256(large) == before


def until_it_reads(process, path):
    """Until the program has opened the file, or has ended."""
    while process.poll() is None:
        with contextlib.suppress(OSError):
            if any(os.readlink(entry.path) == str(path) for entry in os.scandir(f"/proc/{process.pid}/fd")):
                return


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted(kyso, authority, large, tmp_path, which):
    process = subprocess.Popen(kyso.command("sign", large, "-o", tmp_path / "out.pdf", *authority.p12("leader")),
                               env=kyso.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until_it_reads(process, large)
    process.send_signal(which)
    code = process.wait(timeout=30)
    assert code in (0, 6, -which)
    assert set(leftovers(tmp_path)) <= ({"out.pdf"} if code == 0 else set()), leftovers(tmp_path)


# --- the command itself -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [(), ("ky",), ("sign",), ("sign", "a.pdf"), ("sign", "a.pdf", "-o", "b.pdf", "--colour"),
                                       ("sign", "a.pdf", "b.pdf", "c.pdf", "-o", "d.pdf"), ("inspect",), ("prepare", "a.pdf"),
                                       ("sign", "a.pdf", "-o", "b.pdf", "--certify", "7"), ("template",),
                                       ("sign", "a.pdf", "-o", "b.pdf", "--batch", "c")])
def test_usage(kyso, tmp_path, arguments):
    assert_refused(kyso, tmp_path, arguments, 4, "kyso.usage")


@pytest.mark.parametrize("options, error", [(("--role", "giám đốc"), "kyso.role.unknown"),
                                            (("--profile", "b-c"), "kyso.profile.unknown"),
                                            (("--role", "copy", "--copy-kind", "photo"), "kyso.copy_kind.invalid"),
                                            (("--edge-seal", "left"), "kyso.edge_seal.invalid"),
                                            (("--role", "comment"), "decree30.comment.missing"),
                                            (("--role", "number"), "decree30.number.missing"),
                                            (("--role", "number", "--number", "?"), "decree30.number.invalid"),
                                            (("--role", "number", "--number", "1", "--date", "hôm qua"), "base.time.invalid")])
def test_values(refused, options, error):
    refused(LETTER, 4, error, *options)


def test_no_holder(refused):
    refused(LETTER, 4, "kyso.holder.missing", holder=())


@pytest.mark.parametrize("language", ["vi", "en"])
def test_help_is_no_failure(kyso, language):
    for command in ((), ("sign",), ("prepare",), ("complete",), ("inspect",), ("text",), ("template",)):
        done = kyso.run(*command, "--help", "--lang", language).ok()
        assert done.out and not done.err


def test_every_error_has_words_and_codes(kyso):
    for language in ("vi", "en"):
        rows = kyso.run("errors", "--json", "--lang", language).ok().json
        assert len(rows) > 100 and len({row["code"] for row in rows}) == len(rows)
        for row in rows:
            assert row["message"].endswith((".", "}", ")")) and row["next_step"].endswith((".", "}", ")")), row
            assert 3 <= row["exit_code"] < 126, row


def test_several_languages_by_environment(kyso, tmp_path):
    for language, first in (("vi", "Lỗi"), ("en", "Error"), ("de", "Lỗi")):
        done = kyso.run("inspect", tmp_path / "none.pdf", env={"KYSO_LANG": language})
        assert done.code == 64 and done.err.startswith(first)
