"""An evidence packet as a document to be read and filed: letter paper, numbered pages, every text in order."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from ops.evidence import DISCLAIMER, Packet
from ops.evidence_csv import local_time
from outreach.models import Consent, GateDecision, Message, Suppression
from outreach.tracing import Callback, Trace, meaning_of

MARGIN = 0.8 * inch
GREY, LINE, PAPER, GREEN = HexColor("#4b5563"), HexColor("#d1d5db"), HexColor("#f3f4f6"), HexColor("#166534")
TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=9, leading=12.5, spaceAfter=4)
SMALL = ParagraphStyle("small", TEXT, fontSize=7.5, leading=10, textColor=GREY, spaceAfter=2)
TITLE = ParagraphStyle("title", TEXT, fontName="Helvetica-Bold", fontSize=19, leading=24, spaceAfter=4)
HEADING = ParagraphStyle(
    "heading", TEXT, fontName="Helvetica-Bold", fontSize=12.5, leading=16, spaceBefore=16, spaceAfter=6,
    textColor=GREEN, keepWithNext=1,
)  # fmt: skip
ITEM = ParagraphStyle("item", TEXT, fontName="Helvetica-Bold", spaceBefore=9, spaceAfter=3, keepWithNext=1)
BODY = ParagraphStyle("body", TEXT, backColor=PAPER, borderPadding=(4, 6, 4, 6), leftIndent=6, rightIndent=6,
                      spaceBefore=4, spaceAfter=8)  # fmt: skip


def as_pdf(packet: Packet) -> bytes:
    file = BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=LETTER,
        title=f"Evidence packet for {packet.number}",
        author="LA Land Wholesale",
        subject=DISCLAIMER,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
    )
    frame = Frame(MARGIN, MARGIN, document.width, document.height, id="page", leftPadding=0, rightPadding=0)
    document.addPageTemplates([PageTemplate(id="page", frames=[frame])])
    document.build(list(_story(packet)), canvasmaker=_numbered(packet))
    return file.getvalue()


def _numbered(packet: Packet) -> type[Canvas]:
    """How many pages there are is known when the last one is made: they are kept until then."""

    class NumberedCanvas(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 (reportlab's name)
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._kept, start=1):
                self.__dict__.update(page)
                _draw_margins(self, packet, number, len(self._kept))
                Canvas.showPage(self)
            Canvas.save(self)

    return NumberedCanvas


def _draw_margins(canvas: Canvas, packet: Packet, number: int, pages: int) -> None:
    width, height = LETTER
    canvas.setFont("Helvetica", 7.5)
    canvas.setFillColor(GREY)
    canvas.setStrokeColor(LINE)
    canvas.drawString(MARGIN, height - 0.5 * inch, f"Evidence packet for {packet.number}")
    canvas.drawRightString(width - MARGIN, height - 0.5 * inch, f"made {local_time(packet.made_at)}")
    canvas.line(MARGIN, height - 0.57 * inch, width - MARGIN, height - 0.57 * inch)
    canvas.line(MARGIN, 0.62 * inch, width - MARGIN, 0.62 * inch)
    canvas.drawString(MARGIN, 0.47 * inch, f"{DISCLAIMER} {_zone_in_words()}")
    canvas.drawRightString(width - MARGIN, 0.47 * inch, f"Page {number} of {pages}")


def _zone_in_words() -> str:
    return f"Times are those of {timezone.get_current_timezone_name()} unless another zone is named."


def _story(packet: Packet) -> Iterator[Flowable]:
    yield from _cover(packet)
    yield Paragraph("Consents", HEADING)
    yield from _each(map(_consent, packet.consents), "No consent was ever recorded.")
    yield Paragraph("Stops, and what lifted them", HEADING)
    yield from _each(map(_suppression, packet.suppressions), "Nobody ever stopped texts to this number.")
    yield Paragraph("Texts to and from the number, with the gate's decisions", HEADING)
    yield from _each(map(_text, packet.traces()), "No text has gone either way.")
    yield Paragraph("Who saw the number in clear, or exported this packet", HEADING)
    for look in packet.looks:
        who = f"{look.user or 'somebody whose account is gone'}: {look.what}"
        yield _line(f"{local_time(look.at)} · {who}{f' ({look.reason})' if look.reason else ''}")


def _each(blocks: Iterator[Iterator[Flowable]], none: str) -> Iterator[Flowable]:
    empty = True
    for block in blocks:
        empty = False
        yield from block
    if empty:
        yield _line(none)


def _cover(packet: Packet) -> Iterator[Flowable]:
    phone = packet.phone
    yield Paragraph(printable(f"Evidence packet for {packet.number}"), TITLE)
    yield _line(f"Made {local_time(packet.made_at)} by {packet.made_by}. Reason: {packet.reason}")
    yield _line(
        f"{DISCLAIMER} This is what the system stored about the number at the time, in its own words; nothing is "
        f"judged anew here. {_zone_in_words()}"
    )
    yield Paragraph("The number", HEADING)
    carrier = f", {phone.carrier}" if phone.carrier else ""
    yield _line(f"{phone.number} · {phone.get_line_type_display()}{carrier} · area code of {packet.where}")
    for link in packet.links:
        until = f" until {local_time(link.until)}, {link.get_end_reason_display().lower()}" if link.until else ""
        listed = " · on a do-not-call list" if link.do_not_call else ""
        since = f"since {local_time(link.since)} (from {link.source.replace('_', ' ')}){until}{listed}"
        yield _line(f"Known for {link.owner.name} {since}")
    yield Paragraph("In short", HEADING)
    stops = ", ".join(stop.get_reason_display().lower() for stop in packet.stops_in_force)
    yield _line(f"In force now: {stops}. No text may leave." if stops else "No stop is in force now.")
    kept = (_count(len(packet.consents), "consent"), _count(len(packet.suppressions), "stop"), _counts(packet))
    yield _line(" · ".join(kept))


def _counts(packet: Packet) -> str:
    names = dict(Message.State.choices)
    out = [f"{names[state].lower()} {count}" for state, count in sorted(packet.counts.items()) if state != "received"]
    detail = f" ({', '.join(out)})" if out else ""
    return f"{_count(packet.texts_out, 'text')} to the number{detail} · {packet.texts_in} from it"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _consent(consent: Consent) -> Iterator[Flowable]:
    covers = "this number" if consent.phone_id else "any number of the owner"
    yield Paragraph(printable(f"{local_time(consent.given_at)} · {consent.get_basis_display()}"), ITEM)
    by = f", recorded by {consent.recorded_by}" if consent.recorded_by else ""
    yield _line(f"By {consent.owner.name}, for {covers}{by}.")
    yield Paragraph(printable(consent.evidence), BODY)
    if consent.revoked_at:
        yield _line(f"Withdrawn {local_time(consent.revoked_at)}.")


def _suppression(stop: Suppression) -> Iterator[Flowable]:
    yield Paragraph(printable(f"{local_time(stop.created_at)} · {stop.get_reason_display()}"), ITEM)
    whom = f"Every number of {stop.owner.name}" if stop.owner else "This number"
    yield _line(f"{whom}{f', by {stop.created_by}' if stop.created_by else ''}.")
    if stop.evidence:
        yield Paragraph(printable(stop.evidence), BODY)
    if stop.lifted_at:
        by = f" by {stop.lifted_by}" if stop.lifted_by else ""
        yield _line(f"Lifted {local_time(stop.lifted_at)}{by}: {stop.lift_reason}")


def _text(found: Trace) -> Iterator[Flowable]:
    message = found.message
    is_in = message.direction == Message.Direction.IN
    at, arrow = (message.due_at, "from the number") if is_in else (message.created_at, "to the number")
    head = f"{local_time(at)} · text {message.pk} {arrow} · {message.get_state_display()}"
    yield Paragraph(printable(head), ITEM)
    yield Paragraph(printable(message.words), BODY)
    yield Paragraph(printable(_about(message)), SMALL)
    before: list[dict[str, str]] | None = None
    for decision in found.decisions:
        yield Paragraph(_decision(decision), SMALL)
        if decision.verdicts != before:
            yield Paragraph(_verdicts(decision), SMALL)
        before = decision.verdicts
    for attempt in found.attempts:
        code = f", {attempt.error_code} ({meaning_of(attempt.error_code)})" if attempt.error_code else ""
        http = f", HTTP {attempt.http_status}" if attempt.http_status else ""
        said = f"<b>Attempt {attempt.number}</b> {local_time(attempt.started_at)}: {attempt.outcome}{http}"
        yield Paragraph(said + printable(f"{code} {attempt.detail} {attempt.sid}"), SMALL)
    if found.callbacks:
        yield Paragraph("<b>Delivery</b> " + printable(" · ".join(map(_told, found.callbacks))), SMALL)


def _about(message: Message) -> str:
    parts = [
        f"with {message.owner.name}" if message.owner else "with nobody we know",
        f"campaign {message.step.campaign.name}" if message.step else "",
        f"written by {message.created_by}" if message.created_by else "",
        f"our number {message.sender.number}" if message.sender else "",
        f"provider's id {message.sid}" if message.sid else "",
        f"{message.error_code}: {meaning_of(message.error_code)}" if message.error_code else "",
    ]
    return " · ".join(filter(None, parts))


def _decision(decision: GateDecision) -> str:
    clocks = "; ".join(f"{zone} {local}" for zone, local in decision.local_times.items())
    facts = f"states considered {', '.join(decision.states)}; clocks {clocks}; rules {decision.rule_set}"
    words = printable(f"{local_time(decision.decided_at)}: {decision.summary} [{facts}]")
    return f"<b>Gate</b> {words}"


def _verdicts(decision: GateDecision) -> str:
    said = (
        f"{row['rule'].replace('_', ' ')}: {row['outcome'].replace('_', ' ')}{_reason(row)}"
        for row in decision.verdicts
    )
    return "<b>Verdicts</b> " + printable(" · ".join(said))


def _reason(row: dict[str, str]) -> str:
    return f" ({row['reason']})" if row.get("reason") else ""


def _told(told: Callback) -> str:
    code = f" {told.error_code} ({told.meaning})" if told.error_code else ""
    return f"{told.status}{code} {local_time(told.received_at)}{' (late)' if told.late else ''}"


def _line(text: str) -> Paragraph:
    return Paragraph(printable(text), TEXT)


def printable(text: str) -> str:
    """As the paper's letters can show it: of any other character its name. The spreadsheet has the very characters."""
    return escape("".join(map(_character, text))).replace("\n", "<br/>")


def _character(char: str) -> str:
    if char == "\n" or (char.isprintable() and char.encode("cp1252", errors="ignore")):
        return char
    if char.isspace():
        return " "
    return f"[U+{ord(char):04X} {unicodedata.name(char, 'unnamed')}]"
