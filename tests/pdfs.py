"""PDF files for tests: good ones with Vietnamese text, and those that must be refused."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader, PdfWriter

FONT = Path(__file__).resolve().parents[1] / "styles" / "print" / "Tinos-Regular.ttf"


def with_text(*pages: str) -> bytes:
    """A PDF with these texts, one a page."""
    sheet = FPDF()
    sheet.add_font("Tinos", "", FONT)
    for text in pages:
        sheet.add_page()
        sheet.set_font("Tinos", "", 12)
        sheet.multi_cell(0, 6, text)
    return bytes(sheet.output())


def scanned() -> bytes:
    """A PDF of one picture, as scanners make them."""
    out = io.BytesIO()
    Image.new("L", (60, 80), 200).save(out, "PDF")
    return out.getvalue()


def encrypted() -> bytes:
    """A PDF that wants a password."""
    writer = PdfWriter(PdfReader(io.BytesIO(scanned())))
    writer.encrypt("mật khẩu", algorithm="RC4-128")
    return _bytes(writer)


def with_script() -> bytes:
    """A PDF that runs a script when it is opened."""
    return _opening(b"/S /JavaScript /JS (app.alert\\(1\\))")


def with_attachment() -> bytes:
    """A PDF that carries another file."""
    writer = PdfWriter(PdfReader(io.BytesIO(scanned())))
    writer.add_attachment("tool.exe", b"MZ")
    return _bytes(writer)


def launching() -> bytes:
    """A PDF that starts a program when it is opened."""
    return _opening(b"/S /Launch /F (tool)")


def _opening(action: bytes) -> bytes:
    return _file(
        b"<< /Type /Catalog /Pages 2 0 R /OpenAction << %b >> >>" % action,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    )


def bomb(megabytes: int = 900) -> bytes:
    """A PDF whose page's content is small as it is sent, and huge when it is read."""
    packer = zlib.compressobj(9)
    piece = b"BT (aaaaaaaa) Tj ET " * 52_429
    content = b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()
    return _file(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%b\nendstream" % (len(content), content),
    )


def _file(*objects: bytes) -> bytes:
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    size = len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer << /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF" % (size, table, size, len(body))
    )


def _bytes(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
