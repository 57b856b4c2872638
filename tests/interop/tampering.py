#!/usr/bin/env python3
"""What somebody without a key does to a signed document; for files with cross-reference tables.

usage: tampering.py IN OUT        a rectangle of the page's colour hides a line of the last page
"""
import re
import sys


def with_other_page(data):
    """The document with an update that replaces a page by an empty one."""
    number, page = pages_of(data)[0]
    parent = re.search(rb"/Parent\s+(\d+ \d+ R)", page)[1]
    return updated(data, {number: b"<</Type/Page/Parent " + parent + b"/MediaBox[0 0 300 300]/Resources<<>>>>"})


def with_hidden_line(data, rectangle=b"70 525.5 480 17"):
    """The document with an update that paints over a line of its last page."""
    number, page = pages_of(data)[-1]
    stream = size_of(data)
    paint = b"q 1 g " + rectangle + b" re f Q"
    contents = re.search(rb"/Contents\s*(?:\[([^\]]*)\]|(\d+ \d+ R))", page)
    both = b"/Contents [%s %d 0 R]" % (contents[1] or contents[2], stream)
    return updated(data, {number: page[:contents.start()] + both + page[contents.end():],
                          stream: b"<</Length %d>>\nstream\n%s\nendstream" % (len(paint), paint)})


def pages_of(data):
    """(number, text) of each page object as the newest revision has it."""
    found = {}
    for match in re.finditer(rb"(?:^|[\r\n])(\d+) 0 obj\s*(<<(?:(?!endobj).)*?>>)\s*endobj", data, re.DOTALL):
        if re.search(rb"/Type\s*/Page\b(?!s)", match[2]):
            found[int(match[1])] = match[2]
    return list(found.items())


def size_of(data):
    return max(int(value) for value in re.findall(rb"/Size\s+(\d+)", data))


def updated(data, objects):
    """`data` and one revision behind it: {number: text}."""
    root, start = re.findall(rb"/Root\s+(\d+ \d+ R)", data)[-1], int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    update, table = b"", b""
    for number, text in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(data) + len(update))
        update += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    size = max(size_of(data), max(objects) + 1)
    return data + update + b"xref\n%strailer\n<</Size %d/Root %s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        table, size, root, start, len(data) + len(update))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
        target.write(with_hidden_line(source.read()))
