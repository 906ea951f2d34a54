"""The owners behind a dry run's numbers: all of them, those who get a text, or those one reason keeps back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.csv_lines import csv_lines
from core.keyset import decode_cursor, encode_cursor
from core.phones import mask
from leads.models import Lead, PhoneNumber
from outreach.admin.senders import sender_name
from outreach.models import Campaign, DryRun, DryRunLine, SenderNumber
from outreach.querysets.enrolments import DryRunLineQuerySet

PAGE, CHUNK = 50, 500
OUTCOMES = {"allowed": "Gets a text", "held": "No date yet", "blocked": "Gets none"}
COLUMNS = (
    "lead",
    "owner",
    "parish",
    "parcel",
    "score",
    "outcome",
    "why",
    "leaves",
    "to",
    "from",
    "wording",
    "segments",
)


@dataclass(frozen=True)
class ShownLine:
    """`lead` None: deleted since."""

    lead: Lead | None
    lead_id: int
    phone: str
    sender: str
    at: datetime | None
    variant: str
    segments: int
    outcome: str
    why: str


def lines_page(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    run = DryRun.objects.newest(campaign)
    if run is None:
        return _to_dry_run(campaign)
    asked = {name: request.GET.get(name, "") for name in ("outcome", "reason")}
    position = decode_cursor(request.GET.get("after", ""))
    page = DryRunLine.objects.of_run(run).narrowed(**asked).page_after(position, PAGE + 1)
    shown = page[:PAGE]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": Campaign._meta,
        "title": f"Dry run of “{campaign.name}”: owners",
        "campaign": campaign,
        "lines": shown_lines(shown),
        "asked": asked,
        "outcomes": OUTCOMES.items(),
        "may_download": request.user.has_perm("outreach.launch_campaign"),
        "next_cursor": encode_cursor([shown[-1].pk]) if len(page) > PAGE else "",
        "is_first": position is None,
    }
    return TemplateResponse(request, "admin/outreach/campaign/dry_run_owners.html", context)


def lines_csv(request: HttpRequest, campaign: Campaign) -> HttpResponseBase:
    run = DryRun.objects.newest(campaign)
    if run is None:
        messages.error(request, "There is no dry run of the campaign as it is now.")
        return _to_dry_run(campaign)
    admin.site.get_model_admin(Campaign).log_change(request, campaign, "Downloaded the dry run with the owners' names.")
    lines = DryRunLine.objects.of_run(run).narrowed(
        outcome=request.GET.get("outcome", ""), reason=request.GET.get("reason", "")
    )
    response = StreamingHttpResponse(csv_lines(COLUMNS, _rows(lines, campaign)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="dry-run-{campaign.pk}.csv"'
    return response


def shown_lines(lines: list[DryRunLine]) -> list[ShownLine]:
    leads = Lead.objects.for_list().in_bulk([line.lead_id for line in lines])
    phones = PhoneNumber.objects.in_bulk({line.phone_id for line in lines if line.phone_id})
    senders = SenderNumber.objects.in_bulk({line.sender_id for line in lines if line.sender_id})
    return [
        ShownLine(
            lead=leads.get(line.lead_id),
            lead_id=line.lead_id,
            phone=mask(phones[line.phone_id].number) if line.phone_id in phones else "—",
            sender=sender_name(senders.get(line.sender_id or 0)),
            at=line.at,
            variant=line.variant,
            segments=line.segments,
            outcome=OUTCOMES.get(line.outcome, line.outcome),
            why="; ".join(line.reasons),
        )
        for line in lines
    ]


def _rows(lines: DryRunLineQuerySet, campaign: Campaign) -> Iterator[list[str]]:
    """Numbers stay masked: the file is to be looked through, not to be sent from."""
    source = lines.iterator(chunk_size=CHUNK)
    while chunk := list(islice(source, CHUNK)):
        yield from (_row(line, campaign) for line in shown_lines(chunk))


def _row(line: ShownLine, campaign: Campaign) -> list[str]:
    lead = line.lead
    at = timezone.localtime(line.at, campaign.market.zone) if line.at else None
    about = (
        [lead.owner.name, lead.parcel.parish.name, lead.parcel.number, "" if lead.score is None else str(lead.score)]
        if lead
        else ["deleted since", "", "", ""]
    )
    left = f"{at:%Y-%m-%d %H:%M %Z}" if at else ""
    return [
        str(line.lead_id), *about, line.outcome, line.why, left, line.phone, line.sender, line.variant,
        str(line.segments),
    ]  # fmt: skip


def _to_dry_run(campaign: Campaign) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:outreach_campaign_dry_run", args=[campaign.pk]))
