"""Signs one PDF with pyHanko in one process, for tools/bench. Usage: pyhanko_sign.py KEY CERT IN OUT"""
import sys
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

key, cert, source, out = sys.argv[1:]
signer = signers.SimpleSigner.load(key, cert)
with open(source, "rb") as f, open(out, "wb") as o:
    signers.sign_pdf(IncrementalPdfFileWriter(f), signers.PdfSignatureMetadata(field_name="B"), signer=signer, output=o)
