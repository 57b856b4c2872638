"""PDF files written byte by byte: objects, cross-reference sections, signature slots. Knows no rule but offsets."""
import copy
import re
import zlib

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
ID = b"<00112233445566778899AABBCCDDEEFF>"
SLOT = 12_000
BYTE_RANGE = b"[0000000000 0000000000 0000000000 0000000000]"
DATE = b"D:20260601100000+07'00'"


def swap(text, old, new, count=1):
    """Replaces what stands there exactly `count` times."""
    assert text.count(old) == count, (old, text.count(old), text[:300])
    return text.replace(old, new)


def padded(body, size):
    """The body with blanks after it, for twins of the same length."""
    return body + b" " * max(0, size - len(body))


def stream(data, entries=b"", compress=False):
    if compress:
        data, entries = zlib.compress(data, 9), entries + b" /Filter /FlateDecode"
    return b"<< " + entries + b" /Length %d >>\nstream\n" % len(data) + data + b"\nendstream"


class Pdf:
    """A file under construction. `objects` has the newest body of every object, `offsets` where it stands."""

    def __init__(self, header=HEADER, prefix=b""):
        self.data = bytearray(prefix + header)
        self.base = len(prefix)  # offsets in the file count from the header
        self.objects, self.offsets, self.generations = {}, {}, {}
        self.size = 1
        self.last_xref = None
        self.ends = []  # of the revisions

    def copy(self):
        return copy.deepcopy(self)

    @property
    def bytes(self):
        return bytes(self.data)

    @property
    def end(self):
        return len(self.data)

    def place(self, number, body, generation=0):
        """Writes an object and tells its offset; the cross-reference section is the caller's."""
        offset = len(self.data)
        self.data += b"%d %d obj\n" % (number, generation) + body + b"\nendobj\n"
        self.objects[number], self.offsets[number] = body, offset
        self.generations[number] = generation
        self.size = max(self.size, number + 1)
        return offset

    def revise(self, objects=None, *, trailer=b"", root=b"1 0 R", kind="table", overrides=None, size=None, prev="auto",
               startxref="auto", eof=b"%%EOF\n", before_xref=b"", generation=0, xref_stm=None, id_pair=(ID, ID),
               in_stream=None, after_xref=b""):
        """Adds a revision. A body of None frees the object. `overrides`: number → (offset, generation, b"n" or b"f").

        `in_stream`: numbers that go into one object stream (kind "stream" only).
        """
        entries = {}
        in_stream = dict.fromkeys(in_stream or ())
        for number, body in (objects or {}).items():
            if in_stream and number in in_stream:
                self.objects[number] = body
            elif body is None:
                entries[number] = (0, 1, b"f")
                self.objects.pop(number, None)
            else:
                entries[number] = (self.place(number, body, generation) - self.base, generation, b"n")
        self.data += before_xref
        if self.last_xref is None:
            entries[0] = (0, 65535, b"f")
        entries |= overrides or {}
        compressed = {}
        if in_stream:
            container = self.size
            entries[container] = (self.place(container, object_stream({n: objects[n] for n in in_stream}))
                                  - self.base, 0, b"n")
            compressed = {number: (container, index) for index, number in enumerate(in_stream)}
            self.size = max(self.size, *(number + 1 for number in in_stream))
        previous = self.last_xref if prev == "auto" else prev
        common = (b" /Root " + root + b" /ID [" + b" ".join(id_pair) + b"]" + trailer
                  + (b" /Prev %d" % previous if isinstance(previous, int) else previous or b"")
                  + (b" /XRefStm %d" % xref_stm if xref_stm is not None else b""))
        offset = len(self.data)
        if kind == "table":
            self.data += table(entries)
            self.data += b"trailer\n<< /Size %d" % (size or self.size) + common + b" >>\n"
        else:
            number = self.size
            self.size += 1
            entries[number] = (offset - self.base, 0, b"n")
            body = xref_stream(entries, compressed, size or self.size, common)
            self.place(number, body)
        self.last_xref = offset - self.base
        self.data += after_xref
        if startxref is not None:
            self.data += b"startxref\n%d\n" % self.last_xref if startxref == "auto" else startxref
        self.data += eof
        self.ends.append(len(self.data))
        return self

    def slot(self, number):
        """Where the signature dictionary has its placeholders."""
        start = self.offsets[number]
        return Slot(self.data, start)


class Slot:
    def __init__(self, data, start, contents_key=b"/Contents", range_key=b"/ByteRange", opening=b"<", closing=b">"):
        found = re.compile(re.escape(contents_key) + rb"\s*" + re.escape(opening)).search(data, start)
        assert found, "no slot"
        self.start = found.end() - 1                         # L: the offset of "<"
        self.end = data.index(closing, self.start + 1) + 1   # S: after ">"
        found = re.compile(re.escape(range_key) + rb"\s*\[").search(data, start)
        self.range_start = found.end() - 1 if found else None
        self.range_end = data.index(b"]", self.range_start) + 1 if found else None


def ranges(data, numbers):
    return b"".join(bytes(data[begin:begin + length]) for begin, length in zip(numbers[::2], numbers[1::2]))


def put_range(data, slot, text):
    """Puts the array into its placeholder, padded with blanks."""
    width = slot.range_end - slot.range_start
    assert len(text) <= width, (text, width)
    data[slot.range_start:slot.range_end] = text + b" " * (width - len(text))


def put_contents(data, slot, der, raw=None):
    digits = raw if raw is not None else der.hex().upper().encode()
    width = slot.end - slot.start - 2
    assert len(digits) <= width, f"the signature needs {len(digits)} of {width} digits"
    data[slot.start + 1:slot.end - 1] = digits + b"0" * (width - len(digits))


def fill(pdf, number, make_cms, *, written=None, numbers=None, raw=None, slot=None):
    """Signs: `make_cms` gets the bytes of the ranges. `numbers` (of slot and file size) are the ranges that are hashed,
    `written` what stands in the dictionary, `raw` (of the DER) what stands in the slot."""
    slot = slot or pdf.slot(number)
    size = len(pdf.data)
    clean = [0, slot.start, slot.end, size - slot.end]
    hashed = numbers(slot.start, slot.end, size) if numbers else clean
    text = written(slot.start, slot.end, size) if written else b"[" + b" ".join(b"%d" % n for n in hashed) + b"]"
    if slot.range_start is not None:
        put_range(pdf.data, slot, text)
    der = make_cms(ranges(pdf.data, hashed))
    put_contents(pdf.data, slot, der, raw(der) if raw else None)
    return slot


def table(entries):
    out = bytearray(b"xref\n")
    numbers = sorted(entries)
    at = 0
    while at < len(numbers):
        run = at
        while run + 1 < len(numbers) and numbers[run + 1] == numbers[run] + 1:
            run += 1
        out += b"%d %d\n" % (numbers[at], run - at + 1)
        for number in numbers[at:run + 1]:
            out += b"%010d %05d %s \n" % entries[number]
        at = run + 1
    if not numbers:
        out += b"0 0\n"
    return bytes(out)


def xref_stream(entries, compressed, size, common, extra=b""):
    rows = {number: (b"\1" if kind == b"n" else b"\0") + offset.to_bytes(4, "big") + generation.to_bytes(2, "big")
            for number, (offset, generation, kind) in entries.items()}
    rows |= {number: b"\2" + container.to_bytes(4, "big") + index.to_bytes(2, "big")
             for number, (container, index) in compressed.items()}
    numbers = sorted(rows)
    index = b" ".join(b"%d 1" % number for number in numbers)
    return stream(b"".join(rows[number] for number in numbers),
                  b"/Type /XRef /W [1 4 2] /Index [" + index + b"] /Size %d" % size + common + extra)


def object_stream(objects, extra=b"", header=None, first=None, count=None):
    pairs, body = [], bytearray()
    for number, text in objects.items():
        pairs.append(b"%d %d" % (number, len(body)))
        body += text + b" "
    head = b" ".join(pairs) + b" " if header is None else header
    return stream(head + body, b"/Type /ObjStm /N %d /First %d" % (len(objects) if count is None else count,
                                                                   len(head) if first is None else first) + extra)


def literal(text):
    return b"(" + text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def signature_dictionary(*, slot=SLOT, sub_filter=b"/SubFilter /ETSI.CAdES.detached", kind=b"/Type /Sig", before=b"",
                         after=b"", byte_range=b"/ByteRange " + BYTE_RANGE, contents=None, between=b" ",
                         date=b"/M (" + DATE + b")"):
    contents = b"/Contents <" + b"0" * slot + b">" if contents is None else contents
    return (b"<< " + kind + b" /Filter /Adobe.PPKLite " + sub_filter + b" " + date + b" " + before + b" " + byte_range
            + between + contents + after + b" >>")


# --- the base file: facts/pdf-signatures.md section 6, rule 1 ---------------------------------------------------------

PAGE_TEXT = b"Hello signed world"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /SigFlags 3 >> >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = (b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources << /Font << /F1 5 0 R >> >>"
        b" /Contents 4 0 R /Annots [6 0 R] >>")
CONTENT = stream(b"BT /F1 18 Tf 40 120 Td (" + PAGE_TEXT + b") Tj ET")
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
FIELD = (b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sig1) /Rect [0 0 0 0] /F 132 /P 3 0 R /V 7 0 R >>")


def base_objects(**changes):
    """The seven objects; `o4=…` replaces one, `o10=…` adds one."""
    objects = {1: CATALOG, 2: PAGES, 3: PAGE, 4: CONTENT, 5: FONT, 6: FIELD, 7: signature_dictionary()}
    for key, body in changes.items():
        objects[int(key[1:])] = body
    return {number: body for number, body in objects.items() if body is not None}


def field(number, name, *, rect=b"[0 0 0 0]", value=None, extra=b"", page=3, flags=132):
    return (b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (" + name + b") /Rect " + rect + b" /F %d /P %d 0 R" %
            (flags, page) + (b" /V %d 0 R" % value if value else b"") + b" " + extra + b" >>")
