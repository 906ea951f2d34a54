"""The home page: what wants a person now, what happened today, where the pipeline stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.querysets import Counted
from leads.admin.badges import STAGE_COLOURS
from leads.models import Event, Lead, ListImport
from leads.stages import Stage
from ops.models import Alert
from outreach.accuracy import speed_today
from outreach.models import CallTask, Campaign, Message

ROWS = 8
STAGES = "home:stages"


@dataclass(frozen=True)
class Tile:
    """One number of the page; `urgent` when it wants a person."""

    title: str
    count: int
    link: str
    note: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class StageBar:
    label: str
    count: Counted
    percent: int
    link: str
    colour: str


def add_home_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Called by the admin's index."""
    user, now = request.user, timezone.now()
    if not (isinstance(user, User) and user.has_perm("leads.view_lead")):
        return context
    stages = _stages()
    return context | {
        "wanting": _wanting(stages, now),
        "today": _today(now),
        "speed": speed_today(now),
        "stages": _bars(stages),
        "total_leads": _total(stages),
        "alerts": list(Alert.objects.unseen()[:ROWS]),
        "replies": list(Message.objects.waiting_for_people()[:ROWS]),
        "my_leads": list(Lead.objects.for_list().next_of(user, now + timedelta(days=1))[:ROWS]),
        "hot_leads": list(Lead.objects.for_list().matching(stage=Stage.HOT)[:ROWS]),
        "campaigns": list(Campaign.objects.running().for_list()[:ROWS]),
        "imports": list(ListImport.objects.recent().unfinished()[:ROWS]),
    }


def _stages() -> dict[str, Counted]:
    """Estimates of many leads take a while and are good for half a minute; counts are always new."""
    kept: dict[str, Counted] | None = cache.get(STAGES)
    if kept is not None:
        return kept
    stages = Lead.objects.about_by_stage()
    if _total(stages).approximate:
        cache.set(STAGES, stages, timeout=30)
    return stages


def _total(stages: dict[str, Counted]) -> Counted:
    counts = stages.values()
    return Counted(sum(count.number for count in counts), any(count.approximate for count in counts))


def _wanting(stages: dict[str, Counted], now: datetime) -> list[Tile]:
    messages, leads = reverse("admin:outreach_message_changelist"), reverse("admin:leads_lead_changelist")
    replies, calls = Message.objects.for_a_person().count(), CallTask.objects.due(now).count()
    strangers = Message.objects.for_a_person().of_strangers().count()
    hot = stages[Stage.HOT].number
    return [
        Tile(
            "Replies to read",
            replies,
            f"{messages}?needs_person__exact=1",
            f"{strangers} from unknown numbers" if strangers else "",
            replies > 0,
        ),
        Tile("Hot leads", hot, f"{leads}?stage=hot", "", hot > 0),
        Tile("Calls due", calls, reverse("admin:outreach_calltask_changelist"), "", calls > 0),
        *_owner_changes(leads),
        Tile("Offers out", stages[Stage.OFFER_MADE].number, f"{leads}?stage=offer_made"),
    ]


def _owner_changes(leads: str) -> list[Tile]:
    """Only when there are any: most days there are none."""
    waiting = Lead.objects.unsettled().count()
    return [Tile("Owner changed", waiting, f"{leads}?owner_changed=waiting", "", urgent=True)] if waiting else []


def _today(now: datetime) -> list[Tile]:
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    messages = reverse("admin:outreach_message_changelist")
    texts = Message.objects.today_counts(since)
    events = reverse("admin:leads_anyevent_changelist")
    opt_outs = Event.objects.of_kind(Event.Kind.OWNER_OPTED_OUT).since(since).count()
    return [
        Tile("Texts sent", texts["sent"], f"{messages}?direction__exact=out", f"{texts['delivered']} delivered"),
        Tile("Waiting to go", texts["queued"], f"{messages}?state__exact=queued"),
        Tile("Blocked by the rules", texts["blocked"], f"{messages}?state__exact=blocked"),
        Tile("Failed", texts["failed"], f"{messages}?state__exact=failed", "", texts["failed"] > 0),
        Tile("Replies", texts["replies"], f"{messages}?direction__exact=in"),
        Tile("Opt-outs", opt_outs, f"{events}?kind={Event.Kind.OWNER_OPTED_OUT.value}"),
    ]


def _bars(stages: dict[str, Counted]) -> list[StageBar]:
    leads, most = reverse("admin:leads_lead_changelist"), max(stages.values()).number or 1
    return [
        StageBar(
            str(stage.label),
            stages[stage],
            round(100 * stages[stage].number / most),
            f"{leads}?stage={stage.value}",
            STAGE_COLOURS[stage],
        )
        for stage in Stage
    ]
