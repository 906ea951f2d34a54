from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Func, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from outreach.querysets.messages import REACHED

if TYPE_CHECKING:
    from outreach.models import Campaign, CampaignStep, MessageTemplate, SenderNumber


ASIDE = 10_000


class SenderNumberQuerySet(models.QuerySet["SenderNumber"]):
    def addressed(self, e164: str, service_sid: str = "") -> SenderNumber | None:
        """Ours that a text came to: the number itself, else the messaging service that it belongs to."""
        found = {sender.number: sender for sender in self.filter(number__in=[e164, service_sid or e164])}
        return found.get(e164) or found.get(service_sid)

    def addresses(self) -> list[str]:
        """What people can have written to. The numbers of a messaging service are not known here: with one of those in
        use it is every number of the account, which stands for all as an empty text."""
        numbers = list(self.order_by("pk").values_list("number", flat=True))
        return numbers if all(number.startswith("+") for number in numbers) else [""]

    def for_list(self) -> SenderNumberQuerySet:
        """With `used`: texts handed to the provider from each number today, which is what its cap counts."""
        return self.select_related("market").annotate(midnight=_midnight()).annotate(used=_sent_today())

    def with_health(self, since: datetime) -> SenderNumberQuerySet:
        """With `sent`, `delivered`, `failed`, `filtered`, `stopped` (answered with STOP) and `replies` since then."""
        from outreach.models import Message, Suppression

        stops = Suppression.objects.filter(
            number_hash=OuterRef("phone__number_hash"), reason="opt_out", created_at__gte=OuterRef("claimed_at")
        )
        mine = Message.objects.filter(sender=OuterRef("pk")).order_by()
        texts = mine.filter(direction="out", claimed_at__gte=since)
        return self.annotate(
            sent=_count(texts),
            delivered=_count(texts.filter(state="delivered")),
            failed=_count(texts.filter(state__in=["failed", "undelivered"])),
            filtered=_count(texts.filter(error_code=30007)),
            stopped=_count(texts.filter(models.Exists(stops))),
            replies=_count(mine.filter(direction="in", due_at__gte=since)),
        )

    def health_of(self, sender_id: int, since: datetime) -> Any:
        return self.with_health(since).filter(pk=sender_id).first()

    def today_of(self, sender_id: int) -> SenderNumber | None:
        return self.for_list().filter(pk=sender_id).first()

    def usable(self, market_ids: Iterable[int]) -> SenderNumberQuerySet:
        """Active numbers of these markets, then those of no market in particular."""
        wanted = models.Q(market_id__in=list(market_ids)) | models.Q(market__isnull=True)
        return self.filter(wanted, active=True).order_by(models.F("market").asc(nulls_last=True), "id")


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def running(self) -> CampaignQuerySet:
        return self.filter(status="running")

    def to_enrol(self, now: datetime) -> Campaign | None:
        """A running one that is to look for owners now."""
        due = self.running().filter(enrol_at__lte=now).select_related("market")
        return due.order_by("enrol_at").first()

    def lock_running(self, campaign: Campaign) -> Campaign | None:
        """The row, locked; None when it does not run or another worker holds it."""
        rows = self.running().filter(pk=campaign.pk).select_related("market")
        return rows.select_for_update(of=("self",), skip_locked=True).first()

    def enrolled(self, campaign: Campaign, next_at: datetime | None) -> None:
        """When it looks again; never, unless it takes in new leads."""
        mine = self.filter(pk=campaign.pk)
        mine.filter(takes_new_leads=True).update(enrol_at=next_at)
        mine.filter(takes_new_leads=False).update(enrol_at=None)

    def by_id(self, text: str) -> Campaign | None:
        """The campaign of an id that came from a form."""
        return self.for_list().filter(pk=int(text)).first() if text.isdecimal() else None

    def named(self, words: str) -> CampaignQuerySet:
        return self.filter(name__icontains=words).order_by()

    def newest_names(self, limit: int) -> list[tuple[int, str]]:
        return list(self.order_by("-pk").values_list("pk", "name")[:limit])

    def stopped_by(self, scope: str, subject_id: int) -> CampaignQuerySet:
        """Those that a breaker of a campaign or a template concerns."""
        if scope == "campaign":
            return self.filter(pk=subject_id)
        return self.filter(steps__template=subject_id).distinct() if scope == "template" else self.none()

    def going_on(self) -> CampaignQuerySet:
        """Drafts too."""
        return self.exclude(status="ended")

    def drafts(self) -> CampaignQuerySet:
        return self.filter(status="draft")

    def texting_with(self, template: MessageTemplate) -> CampaignQuerySet:
        return self.filter(steps__template=template).distinct()

    def for_list(self) -> CampaignQuerySet:
        return self.select_related("market", "created_by")

    def with_counts(self) -> CampaignQuerySet:
        """With `sent` (reached the provider, or may have), `blocked` and `waiting`: texts of each campaign."""
        return self.annotate(sent=_texts(REACHED), blocked=_texts(["blocked"]), waiting=_texts(["queued"]))


def _midnight() -> Func:
    """When the day began where the number's market is."""
    zone = Coalesce(F("market__timezone"), Value(settings.TIME_ZONE))
    local: Func = Func(zone, Value(timezone.now()), function="timezone")
    day: Func = Func(Value("day"), local, function="date_trunc")
    return Func(zone, day, function="timezone", output_field=models.DateTimeField())


def _sent_today() -> Coalesce:
    from outreach.models import Message

    mine = Message.objects.reached().filter(sender=OuterRef("pk"), claimed_at__gte=OuterRef("midnight")).order_by()
    return _count(mine)


def _count(of_sender: models.QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(of_sender.values("sender").annotate(count=Count("pk")).values("count")), 0)


def _texts(states: Iterable[str]) -> Coalesce:
    """Counted per shown row instead of by a join, which would count the texts of every campaign for one page."""
    from outreach.models import Message  # the models are built on these querysets

    mine = Message.objects.filter(step__campaign=OuterRef("pk"), state__in=list(states)).order_by()
    counted = mine.values("step__campaign").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


class CampaignStepQuerySet(models.QuerySet["CampaignStep"]):
    def of(self, campaign: Campaign) -> list[CampaignStep]:
        steps = self.filter(campaign=campaign).order_by("position")
        return list(steps.select_related("template", "campaign__market").prefetch_related("template__variants"))

    def opening_texts(self, campaign_ids: Iterable[int]) -> set[int]:
        """The first text step of each of these campaigns."""
        wanted = set(campaign_ids)
        texts = self.filter(campaign__in=wanted, kind="text").order_by("campaign_id", "position")
        return set(texts.distinct("campaign_id").values_list("pk", flat=True)) if wanted else set()

    def step_aside(self, steps: Iterable[CampaignStep]) -> None:
        """To places that no step has, until they are saved with their new ones."""
        self.filter(pk__in=[step.pk for step in steps]).update(position=F("position") + ASIDE)

    def of_campaigns(self, campaign_ids: Iterable[int]) -> CampaignStepQuerySet:
        return self.filter(campaign_id__in=list(campaign_ids)).select_related("template").order_by("position")

    def all_after(self, steps: Iterable[CampaignStep]) -> dict[CampaignStep, CampaignStep]:
        """Step -> the one that follows it; not of the last ones."""
        wanted = set(steps)
        later = list(self.filter(campaign__in={step.campaign_id for step in wanted}).order_by("position"))
        found = {
            step: [one for one in later if one.campaign_id == step.campaign_id and one.position > step.position]
            for step in wanted
        }
        return {step: following[0] for step, following in found.items() if following}
