"""Verifies every signature of one PDF with pyHanko, strict, with difference analysis. Usage: pyhanko_verify.py ROOT FILE"""
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

root, file = sys.argv[1:]
with open(file, "rb") as f:
    for signature in PdfFileReader(f).embedded_regular_signatures:
        context = ValidationContext(trust_roots=[load_cert_from_pemder(root)], allow_fetching=False)
        status = validate_pdf_signature(signature, context)
        if not status.bottom_line:
            sys.exit(f"{signature.field_name}: {status.summary()}")
