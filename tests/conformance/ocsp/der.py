"""DER, as little as OCSP needs: a writer that can also write what is wrong, and a strict reader."""

import datetime


def length(count):
    if count < 0x80:
        return bytes([count])
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag, content):
    return bytes([tag]) + length(len(content)) + content


def sequence(*parts):
    return tlv(0x30, b"".join(parts))


def octets(content):
    return tlv(0x04, content)


def integer(value):
    size = max(1, (value if value >= 0 else ~value).bit_length() // 8 + 1)
    return tlv(0x02, value.to_bytes(size, "big", signed=True))


def boolean(value):
    return tlv(0x01, b"\xff" if value else b"\x00")


NULL = b"\x05\x00"


def oid(dotted):
    arcs = [int(arc) for arc in dotted.split(".")]
    out = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        chunk = bytes([arc & 0x7F])
        while arc > 0x7F:
            arc >>= 7
            chunk = bytes([0x80 | (arc & 0x7F)]) + chunk
        out += chunk
    return tlv(0x06, out)


def context(number, content, constructed=True):
    return tlv(0x80 | (0x20 if constructed else 0) | number, content)


class Malformed(Exception):
    pass


class Reader:
    """One element after the other; definite and minimal lengths only."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def done(self):
        return self.at == len(self.data)

    def peek(self):
        return None if self.done() else self.data[self.at]

    def next(self, tag=None):
        data, start = self.data, self.at
        if start + 2 > len(data):
            raise Malformed("truncated")
        found = data[start]
        if tag is not None and found != tag:
            raise Malformed(f"tag {found:#04x} instead of {tag:#04x}")
        count, at = data[start + 1], start + 2
        if count >= 0x80:
            octets_of_length = count & 0x7F
            count = int.from_bytes(data[at : at + octets_of_length], "big")
            if octets_of_length == 0 or data[at] == 0 or count < 0x80:
                raise Malformed("length")
            at += octets_of_length
        if at + count > len(data):
            raise Malformed("truncated")
        self.at = at + count
        return found, data[at : at + count], data[start : self.at]

    def inner(self, tag):
        return Reader(self.next(tag)[1])

    def end(self):
        if not self.done():
            raise Malformed("octets left over")


def read_oid(content):
    arcs, value = [], 0
    for octet in content:
        value = value << 7 | (octet & 0x7F)
        if octet < 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in [first, arcs[0] - first * 40] + arcs[1:])


def read_time(content):
    """GeneralizedTime as RFC 5280 section 4.1.2.5.2 wants it."""
    text = content.decode("ascii")
    if len(text) != 15 or not text.endswith("Z"):
        raise Malformed(f"GeneralizedTime {text}")
    return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
