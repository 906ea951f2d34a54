"""The letters of an export ready to print: one page each, for a window envelope, with a code to scan or to text."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.renderPDF import draw
from reportlab.graphics.shapes import Drawing
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

MARGIN: float = inch
WIDTH, HEIGHT = 8.5 * MARGIN, 11 * MARGIN
WINDOW = HEIGHT - 2.1 * inch
"""First line of the address: in the window of a #10 envelope when the sheet is folded in three."""
BODY_TOP, BODY_BOTTOM = HEIGHT - 3.9 * inch, 2.4 * inch
QR = 1.1 * inch
STYLE = ParagraphStyle("letter", fontName="Times-Roman", fontSize=12, leading=15.5, spaceAfter=9)
SMALLEST = 8.0


def letters_pdf(rows: Iterable[Mapping[str, str]], on: date) -> bytes:
    """`rows`: as `letters.letter_rows` gives them. A body too long for its page is set in smaller letters."""
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(WIDTH, HEIGHT), pageCompression=1)
    canvas.setTitle("Letters")
    for row in rows:
        _draw_heads(canvas, row, on)
        _draw_body(canvas, row["body"])
        if row["text_to"]:
            _draw_answer(canvas, row)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def sms_link(number: str, code: str) -> str:
    """What a telephone's camera reads as a text to be sent."""
    return f"SMSTO:{number}:{code}"


def _draw_heads(canvas: Canvas, row: Mapping[str, str], on: date) -> None:
    canvas.setFont("Times-Roman", 10)
    for place, line in enumerate(row["return_address"].split(", ", 1)):
        canvas.drawString(MARGIN, HEIGHT - 0.75 * inch - place * 13, printable(line))
    canvas.setFont("Times-Roman", 12)
    city = f"{row['mailing_city']}, {row['mailing_state']} {row['mailing_zip']}".strip(" ,")
    for place, line in enumerate(filter(None, (row["owner_name"], row["mailing_street"], city))):
        canvas.drawString(MARGIN, WINDOW - place * 15, printable(line))
    canvas.drawString(MARGIN, HEIGHT - 3.5 * inch, f"{on:%B} {on.day}, {on.year}")


def _draw_body(canvas: Canvas, body: str) -> None:
    room, size = BODY_TOP - BODY_BOTTOM, STYLE.fontSize
    blocks = _set(body, size)
    while sum(height for _, height in blocks) > room and size > SMALLEST:
        size -= 0.5
        blocks = _set(body, size)
    top = BODY_TOP
    for paragraph, height in blocks:
        paragraph.drawOn(canvas, MARGIN, top - height + STYLE.spaceAfter)
        top -= height


def _set(body: str, size: float) -> list[tuple[Paragraph, float]]:
    style = ParagraphStyle("sized", parent=STYLE, fontSize=size, leading=size * 1.3)
    found = [Paragraph(escape(printable(text)), style) for text in body.splitlines() if text.strip()]
    return [(one, one.wrap(WIDTH - 2 * MARGIN, HEIGHT)[1] + STYLE.spaceAfter) for one in found]


def _draw_answer(canvas: Canvas, row: Mapping[str, str]) -> None:
    code = QrCodeWidget(row["sms_link"], barLevel="M")
    left, bottom, right, top = code.getBounds()
    picture = Drawing(QR, QR, transform=[QR / (right - left), 0, 0, QR / (top - bottom), 0, 0])
    picture.add(code)
    draw(picture, canvas, MARGIN, MARGIN)
    canvas.setFont("Times-Bold", 13)
    canvas.drawString(MARGIN + QR + 16, MARGIN + 0.68 * inch, f"Text {row['code']} to {printable(row['text_to'])}")
    canvas.setFont("Times-Roman", 10)
    canvas.drawString(MARGIN + QR + 16, MARGIN + 0.42 * inch, "or scan the code with your phone and press send.")
    canvas.drawString(MARGIN + QR + 16, MARGIN + 0.24 * inch, "By doing so you agree to texts from us about this land.")


def printable(text: str) -> str:
    """In the characters that every printer's own fonts have; others lose their accents, or become a question mark."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
        return plain.encode("cp1252", "replace").decode("cp1252")
    return text
