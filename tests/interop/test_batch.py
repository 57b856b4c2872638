"""Hundreds of files with one PIN: every file its own result, a stop in the middle goes on where it stopped."""
import json
import re
import signal
import subprocess
import time

import pytest
from judges import assert_all_valid, pyhanko
from program import SIGNATURE_PNG, Authority, assert_refused, leftovers, make_authority, sha256
from samples import sample
from spy import logins, spied

COUNT = 60
BAD = 17


@pytest.fixture(scope="module")
def token_authority(tmp_path_factory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority-token"), "rsa:2048")


class Batch:
    def __init__(self, folder, count=COUNT, bad=BAD):
        self.folder, self.count, self.bad = folder, count, bad
        self.source, self.output, self.list = folder / "in", folder / "out", folder / "list.txt"
        self.source.mkdir(), self.output.mkdir()
        letter = sample("vn-cong-van.pdf").path.read_bytes()
        lines = ["# một dòng ghi chú\n", "\n"]
        for i in range(count):
            path = self.source / f"{i:03}.pdf"
            path.write_bytes(letter[:20000] if i == bad else letter)
            lines.append(f"{path}\n")
        self.list.write_text("".join(lines))
        self.results = folder / "list.txt.results.jsonl"
        self.before = leftovers(self.source)

    def arguments(self, *options):
        return ("sign", "--batch", self.list, "-o", self.output, *options)

    def rows(self):
        return [json.loads(line) for line in self.results.read_text().splitlines()]

    def assert_done(self, root, some=7):
        names = sorted(path.name for path in self.output.iterdir())
        assert names == sorted(f"{i:03}.pdf" for i in range(self.count) if i != self.bad)
        assert leftovers(self.source) == self.before
        for i in range(0, self.count, some):
            if i != self.bad:
                assert_all_valid(self.output / f"{i:03}.pdf", root=root, count=1)
        for name in names:  # all are whole: pyHanko reads each
            (verdict,) = pyhanko(self.output / name, root=root).values()
            assert verdict["ok"]


def test_sixty_files_one_bad_one_login(kyso, token_authority, tmp_path):
    it, log = Batch(tmp_path), tmp_path / "spy.log"
    uri, environment = spied(token_authority, token_authority.uri("leader"), log)
    start = time.monotonic()
    done = kyso.run(*it.arguments("--holder", uri, "--pin-file", token_authority.pin_file, "--role", "leader", "--image",
                                  SIGNATURE_PNG), env=environment)
    seconds = time.monotonic() - start
    assert done.code == 90, done
    it.assert_done(token_authority.root)
    assert logins(log) == 1, "one PIN for the whole batch"
    rows = it.rows()
    assert len(rows) == COUNT
    failed = [row for row in rows if "error" in row]
    assert [row["input"] for row in failed] == [str(it.source / f"{BAD:03}.pdf")]
    assert failed[0]["error"]["exit_code"] == 3 and failed[0]["error"]["message"] and failed[0]["error"]["next_step"]
    assert done.out.count("✓") == COUNT - 1 and done.out.count("✗") == 1
    assert "59" in done.out.splitlines()[-1]
    print(f"{COUNT / seconds:.0f} files/s")


def test_json_lines(kyso, rsa_authority, tmp_path):
    it = Batch(tmp_path, 8, 3)
    done = kyso.run(*it.arguments(*rsa_authority.p12("leader"), "--json"))
    assert done.code == 90
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert {row["input"] for row in rows} == {str(it.source / f"{i:03}.pdf") for i in range(8)}
    assert sum("error" in row for row in rows) == 1


def test_the_bad_file_mended_and_run_again(kyso, rsa_authority, tmp_path):
    it = Batch(tmp_path, 10, 4)
    assert kyso.run(*it.arguments(*rsa_authority.p12("leader"))).code == 90
    times = {path.name: path.stat().st_mtime_ns for path in it.output.iterdir()}
    (it.source / "004.pdf").write_bytes(sample("vn-cong-van.pdf").path.read_bytes())
    done = kyso.run(*it.arguments(*rsa_authority.p12("leader"))).ok()
    assert re.search(r"\b9\b", done.err), done
    assert len(list(it.output.iterdir())) == 10
    assert all((it.output / name).stat().st_mtime_ns == then for name, then in times.items()), "a file was signed twice"
    assert kyso.run(*it.arguments(*rsa_authority.p12("leader"))).ok().out.count("✓") == 0


def test_killed_in_the_middle_and_resumed(kyso, rsa_authority, tmp_path):
    it = Batch(tmp_path, 60, 30)
    command = kyso.command(*it.arguments(*rsa_authority.p12("leader"), "--jobs", "1"))
    for wanted in (5, 20):
        process = subprocess.Popen(command, env=kyso.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        already = len(it.rows()) if it.results.exists() else 0
        while True:
            line = process.stdout.readline()
            if not line or (it.results.exists() and it.results.read_bytes().count(b"\n") >= already + wanted):
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        done = {row["output"] for row in it.rows() if "error" not in row}
        # What the journal names is there and whole; nothing half-written is there.
        for path in it.output.iterdir():
            (verdict,) = pyhanko(path, root=rsa_authority.root).values()
            assert verdict["ok"]
        assert all((it.output / name.rsplit("/", 1)[1]).exists() for name in done)
    assert 0 < len(it.rows()) < 60
    done = kyso.run(*it.arguments(*rsa_authority.p12("leader")))
    assert done.code == 90 and done.err
    it.assert_done(rsa_authority.root, some=20)
    inputs = [row["input"] for row in it.rows() if "error" not in row]
    assert len(inputs) == len(set(inputs)) == 59, "a file stands twice in the journal"


def test_half_a_line_in_the_journal(kyso, rsa_authority, tmp_path):
    """A power failure cuts a line: the next run neither trusts nor glues to it."""
    it = Batch(tmp_path, 4, -1)
    kyso.run(*it.arguments(*rsa_authority.p12("leader"))).ok()
    text = it.results.read_text()
    it.results.write_text(text[:-20])
    kyso.run(*it.arguments(*rsa_authority.p12("leader"))).ok()
    rows = [line for line in it.results.read_text().splitlines()]
    assert len(rows) == 5 and sum(line.endswith("}") for line in rows) == 4


def test_an_output_that_was_deleted_is_made_again(kyso, rsa_authority, tmp_path):
    it = Batch(tmp_path, 3, -1)
    kyso.run(*it.arguments(*rsa_authority.p12("leader"))).ok()
    (it.output / "001.pdf").unlink()
    kyso.run(*it.arguments(*rsa_authority.p12("leader"))).ok()
    assert len(list(it.output.iterdir())) == 3


def test_settings_of_a_line(kyso, rsa_authority, tmp_path):
    """IN [TAB OUT] [TAB key=value]…: every letter its own number and date."""
    from judges import page_text
    (tmp_path / "led").mkdir(), (tmp_path / "out").mkdir()
    lines = []
    for i in range(1, 5):
        led = tmp_path / "led" / f"{i}.pdf"
        kyso.sign(sample("vn-cong-van.pdf").path, led, rsa_authority.p12("leader"), "--role", "leader", "--image",
                  SIGNATURE_PNG).ok()
        date = f"\tdate=2026-03-0{i}" if i < 4 else ""  # the last one takes the date of the options
        lines.append(f"{led}\t{tmp_path}/out/văn bản {i}.pdf\tnumber={100 + i}{date}\r\n")
    (tmp_path / "list").write_text("".join(lines))
    from program import SEAL_PNG
    kyso.run("sign", "--batch", tmp_path / "list", *rsa_authority.p12("organisation"), "--role", "organisation", "--image",
             SEAL_PNG, "--date", "2026-03-04").ok()
    for i in range(1, 5):
        path = tmp_path / "out" / f"văn bản {i}.pdf"
        assert_all_valid(path, root=rsa_authority.root, count=2)
        text = page_text(path, 1)
        assert re.search(rf"Số:\s*{100 + i}\s*/CQM-VP", text) and re.search(rf"ngày\s+0{i}\s+tháng\s+3\s", text)


def test_list_from_standard_input(kyso, rsa_authority, tmp_path):
    it = Batch(tmp_path, 3, -1)
    with open(it.list, "rb") as lines:
        kyso.run("sign", "--batch", "-", "-o", it.output, "--results", tmp_path / "r.jsonl", *rsa_authority.p12("leader"),
                 stdin=lines).ok()
    assert len(list(it.output.iterdir())) == 3 and (tmp_path / "r.jsonl").read_text().count("\n") == 3


@pytest.mark.parametrize("text, error", [("a.pdf\tb.pdf\tsize=3\n", "kyso.batch.line"), ("a.pdf\n", "kyso.batch.line"),
                                         ("a.pdf\tx.pdf\nb.pdf\tx.pdf\n", "kyso.batch.output_twice"),
                                         ("a.pdf\tb.pdf\tpage=zwei\n", "kyso.batch.line")])
def test_lists_that_are_wrong(kyso, rsa_authority, tmp_path, text, error):
    (tmp_path / "list").write_text(text)
    assert_refused(kyso, tmp_path, ("sign", "--batch", tmp_path / "list", *rsa_authority.p12("leader")), 4, error)


def test_a_wrong_pin_stops_the_batch(kyso, token_authority, tmp_path):
    """Not a try for each file: that would lock the token."""
    it, log, wrong = Batch(tmp_path, 12, -1), tmp_path / "spy.log", tmp_path / "wrong"
    wrong.write_text("00000000")
    uri, environment = spied(token_authority, token_authority.uri("leader"), log)
    done = kyso.run(*it.arguments("--holder", uri, "--pin-file", wrong, "--jobs", "1"), env=environment)
    assert done.code == 30, done
    assert logins(log) == 1
    assert not list(it.output.iterdir())


def test_a_wrong_pin_stops_all_workers(kyso, token_authority, tmp_path):
    it, log, wrong = Batch(tmp_path, 12, -1), tmp_path / "spy.log", tmp_path / "wrong"
    wrong.write_text("00000000")
    uri, environment = spied(token_authority, token_authority.uri("leader"), log)
    done = kyso.run(*it.arguments("--holder", uri, "--pin-file", wrong, "--jobs", "4"), env=environment)
    assert done.code == 30, done
    assert logins(log) == 1, "a wrong PIN must cost one try, however many workers there are"


def test_outputs_do_not_replace_inputs(kyso, rsa_authority, tmp_path):
    it = Batch(tmp_path, 2, -1)
    before = {path.name: sha256(path) for path in it.source.iterdir()}
    done = kyso.run("sign", "--batch", it.list, "-o", it.source, *rsa_authority.p12("leader"))
    assert done.code == 90
    assert {row["error"]["exit_code"] for row in it.rows()} == {63}
    assert {path.name: sha256(path) for path in it.source.iterdir()} == before


def test_many_jobs_on_one_token(kyso, token_authority, tmp_path):
    it = Batch(tmp_path, 24, -1)
    kyso.run(*it.arguments(*token_authority.pkcs11("leader"), "--jobs", "8"), env=token_authority.token_environment).ok()
    it.assert_done(token_authority.root)


def test_the_journal_is_no_document(kyso, rsa_authority, tmp_path):
    it = Batch(tmp_path, 2, -1)
    for journal in (it.list, it.source / "001.pdf"):
        assert_refused(kyso, tmp_path, it.arguments(*rsa_authority.p12("leader"), "--results", journal), 63,
                       "kyso.output.is_input")
