"""Signed files and updates that many cases begin with."""
import functools

from . import pki
from .case import by
from .pdf import Pdf, base_objects, field, fill, padded, signature_dictionary, swap


def make(objects=None, *, number=7, maker=None, header=None, prefix=b"", revise=None, **fill_options):
    """One revision, signed."""
    pdf = Pdf(**({"header": header} if header else {}), prefix=prefix)
    pdf.revise(objects or base_objects(), **(revise or {}))
    fill(pdf, number, maker or by(pki.world().signer), **fill_options)
    return pdf


@functools.cache
def _good():
    return make()


def good():
    """The clean file of case 1."""
    return _good().copy()


def reference(permission=b"/P 2", extra=b"", method=b"DocMDP"):
    return (b"/Reference [<< /Type /SigRef /TransformMethod /" + method
            + b" /TransformParams << /Type /TransformParams " + permission + b" /V /1.2 >> " + extra + b" >>]")


def certified_objects(permission, objects=None, written=None):
    objects = dict(objects or base_objects())
    objects[7] = signature_dictionary(before=written or reference(b"/P %d" % permission))
    objects[1] = swap(objects[1], b"<< /Type /Catalog", b"<< /Type /Catalog /Perms << /DocMDP 7 0 R >>")
    return objects


@functools.cache
def _certified(permission):
    return make(certified_objects(permission))


def certified(permission):
    return _certified(permission).copy() if permission else good()


def rewrite_twin(pdf, objects):
    """The same objects written again with equal values and the same length: nothing changed. Not the dictionary of a
    signature: case 7 (c) forbids to write that again."""
    twin = pdf.copy()
    kept = {number: padded(pdf.objects[number], len(body or b"")) for number, body in objects.items()
            if number in pdf.objects and b"/ByteRange" not in pdf.objects[number]}
    twin.revise(kept)
    return twin


def add_signature(pdf, name=b"Sig2", holder=None, *, number=None, rect=b"[0 0 0 0]", extra=b"", flags=132, objects=None,
                  maker=None, dictionary=None, page=3, **fill_options):
    """A new field with a signature in a revision of its own. Returns the number of the signature dictionary."""
    number = number or pdf.size
    catalog = pdf.objects[1]
    changed = {1: swap(catalog, b"/Fields [", b"/Fields [%d 0 R " % number),
               page: swap(pdf.objects[page], b"/Annots [", b"/Annots [%d 0 R " % number),
               number: field(number, name, rect=rect, value=number + 1, extra=extra, page=page, flags=flags),
               number + 1: dictionary or signature_dictionary()}
    changed |= objects or {}
    pdf.revise(changed)
    fill(pdf, number + 1, maker or by(holder or pki.world().second), **fill_options)
    return number + 1


def sign_empty_field(pdf, field_number, holder=None, *, objects=None, body=None, dictionary=None, maker=None):
    """Fills a prepared field. Returns the number of the signature dictionary."""
    number = pdf.size
    old = body or pdf.objects[field_number]
    changed = {field_number: old[:old.rindex(b">>")] + b"/V %d 0 R >>" % number,
               number: dictionary or signature_dictionary()} | (objects or {})
    pdf.revise(changed)
    fill(pdf, number, maker or by(holder or pki.world().second))
    return number
