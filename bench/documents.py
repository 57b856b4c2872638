"""PDF files for measuring, written byte by byte."""
import os


def make_text_pdf(path, pages, size):
    """A plain PDF: `pages` pages of text in Helvetica, `size` bytes altogether."""
    line = b"(Can cu Nghi dinh so 30/2020/ND-CP cua Chinh phu ve cong tac van thu) Tj T*\n"
    count = (size - 900) // pages // len(line) - 2
    content = b"BT /F1 11 Tf 14 TL 72 760 Td\n" + line * count + b"ET"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>",
               b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, b" ".join(b"%d 0 R" % (4 + 2 * i) for i in range(pages))),
               b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    for i in range(pages):
        objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>" % (5 + 2 * i))
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    data, offsets = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    path.write_bytes(data + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF\n"
                     % (len(objects) + 1, table, len(objects) + 1, len(data)))


def make_large_pdf(path, size, sparse=False):
    """A one-page PDF with one large embedded stream; with `sparse` the stream is a hole in the file."""
    offsets = {}
    with open(path, "wb") as f:
        def add(number, head, hole=0, tail=b""):
            offsets[number] = f.tell()
            f.write(b"%d 0 obj\n" % number + head)
            if hole and sparse:
                f.seek(hole, os.SEEK_CUR)
            elif hole:
                block = os.urandom(1 << 20)
                for _ in range(hole >> 20):
                    f.write(block)
            f.write(tail + b"\nendobj\n")
        f.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        add(1, b"<</Type/Catalog/Pages 2 0 R/Extra 4 0 R>>")
        add(2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
        add(3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
        hole = size if sparse else size >> 20 << 20
        add(4, b"<</Length %d>>stream\n" % hole, hole, b"\nendstream")
        last = f.tell()
        if last < 10_000_000_000:
            f.write(b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offsets[n] for n in range(1, 5)))
            f.write(b"trailer\n<</Size 5/Root 1 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF\n" % last)
        else:
            entries = b"\0" * 9 + b"".join(b"\1" + offsets[n].to_bytes(8, "big") for n in range(1, 5)) + b"\1" + last.to_bytes(8, "big")
            f.write(b"5 0 obj\n<</Type/XRef/Size 6/W[1 8 0]/Root 1 0 R/ID[<00><00>]/Length %d>>stream\n" % len(entries) + entries +
                    b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % last)
