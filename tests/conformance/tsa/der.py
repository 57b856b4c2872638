"""DER, written and read by hand: so that a fault in a library does not hide one in a server."""


class Malformed(Exception):
    """Not DER, or not what the standard asks for."""


def length(count):
    if count < 0x80:
        return bytes([count])
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag, *parts):
    content = b"".join(parts)
    return bytes([tag]) + length(len(content)) + content


def sequence(*parts):
    return tlv(0x30, *parts)


def integer(value):
    size = max(1, (value if value >= 0 else -value - 1).bit_length() // 8 + 1)
    return tlv(0x02, value.to_bytes(size, "big", signed=True))


def octets(value):
    return tlv(0x04, value)


def boolean(value):
    return tlv(0x01, b"\xff" if value else b"\x00")


NULL = b"\x05\x00"


def base128(value):
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))


def oid(dotted):
    arcs = [int(part) for part in dotted.split(".")]
    return tlv(0x06, base128(arcs[0] * 40 + arcs[1]), *(base128(arc) for arc in arcs[2:]))


class Element:
    """One value: tag, content, whole encoding, and the members of a constructed one."""

    def __init__(self, tag, content, whole):
        self.tag, self.content, self.whole = tag, content, whole
        self.members = read_all(content) if tag & 0x20 else []

    def expect(self, tag):
        if self.tag != tag:
            raise Malformed(f"tag {self.tag:#04x} where {tag:#04x} should be")
        return self

    def integer(self):
        self.expect(0x02)
        if not self.content:
            raise Malformed("empty INTEGER")
        if len(self.content) > 1 and (self.content[0] == 0 and self.content[1] < 0x80
                                      or self.content[0] == 0xFF and self.content[1] >= 0x80):
            raise Malformed("INTEGER is not minimal")
        return int.from_bytes(self.content, "big", signed=True)

    def boolean(self):
        self.expect(0x01)
        if self.content not in (b"\x00", b"\xff"):
            raise Malformed("BOOLEAN is not DER")
        return self.content == b"\xff"

    def oid(self):
        self.expect(0x06)
        if not self.content or self.content[-1] & 0x80:
            raise Malformed("object identifier cut")
        arcs, value = [], 0
        for octet in self.content:
            value = value << 7 | octet & 0x7F
            if not octet & 0x80:
                arcs.append(value)
                value = 0
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - first * 40] + arcs[1:]))


def read(data, at=0):
    """The element at this place and the place behind it. Strict: definite, minimal lengths."""
    if at + 2 > len(data):
        raise Malformed("cut in a header")
    tag, size, start = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise Malformed("tag number above 30")
    if size == 0x80:
        raise Malformed("indefinite length")
    if size > 0x80:
        count = size & 0x7F
        size = int.from_bytes(data[start:start + count], "big")
        if count > 4 or data[start:start + 1] == b"\x00" or size < 0x80:
            raise Malformed("length is not minimal")
        start += count
    if start + size > len(data):
        raise Malformed("cut in a value")
    return Element(tag, data[start:start + size], data[at:start + size]), start + size


def read_all(data):
    out, at = [], 0
    while at < len(data):
        element, at = read(data, at)
        out.append(element)
    return out


def read_one(data):
    element, end = read(data)
    if end != len(data):
        raise Malformed(f"{len(data) - end} octets follow")
    return element
