"""A small DER writer: what a library would refuse to write, it writes."""
import datetime


def tlv(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def indefinite(tag, *parts):
    """The same in BER with indefinite length."""
    return bytes([tag, 0x80]) + b"".join(parts) + b"\0\0"


def sequence(*parts):
    return tlv(0x30, *parts)


def set_of(*parts, in_order=True):
    """DER wants the members sorted; `in_order=False` leaves them as given."""
    return tlv(0x31, *(sorted(parts) if in_order else parts))


def context(number, *parts, constructed=True):
    return tlv((0xA0 if constructed else 0x80) | number, *parts)


def integer(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def enumerated(value):
    return tlv(0x0A, bytes([value]))


def boolean(value):
    return tlv(0x01, b"\xff" if value else b"\0")


def octets(value):
    return tlv(0x04, value)


def bits(value, unused=0):
    return tlv(0x03, bytes([unused]), value)


def named_bits(*numbers):
    """A BIT STRING with these bits set, shortest form."""
    octet_count = max(numbers) // 8 + 1
    value = bytearray(octet_count)
    for number in numbers:
        value[number // 8] |= 0x80 >> number % 8
    return bits(bytes(value), 7 - max(numbers) % 8)


NULL = b"\x05\x00"


def oid(text):
    first, second, *rest = (int(part) for part in text.split("."))
    body = bytearray()
    for arc in (first * 40 + second, *rest):
        piece = [arc & 0x7F]
        while arc := arc >> 7:
            piece.append(0x80 | arc & 0x7F)
        body += bytes(reversed(piece))
    return tlv(0x06, bytes(body))


def utf8(text):
    return tlv(0x0C, text.encode())


def ia5(text):
    return tlv(0x16, text.encode())


def generalized_time(moment):
    return tlv(0x18, moment.astimezone(datetime.timezone.utc).strftime("%Y%m%d%H%M%SZ").encode())


def utc_or_generalized(moment):
    moment = moment.astimezone(datetime.timezone.utc)
    return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode()) if moment.year < 2050 else generalized_time(moment)


def length_of(der):
    """Octets of the first element."""
    if der[1] < 128:
        return 2 + der[1]
    count = der[1] & 0x7F
    return 2 + count + int.from_bytes(der[2:2 + count], "big")
