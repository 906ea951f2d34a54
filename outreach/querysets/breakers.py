"""What the breakers ask: which are in force, and how often something has gone wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

if TYPE_CHECKING:
    from outreach.models import Breaker, BreakerRule

SUBJECTS = {"template": "step__template_id", "campaign": "step__campaign_id", "sender": "sender_id"}
NAMES = {"template": "step__template__name", "campaign": "step__campaign__name", "sender": "sender__label"}
ENDED_BADLY = ("failed", "undelivered")


class Tally(NamedTuple):
    subject_id: int
    subject: str
    bad: int
    sent: int


class BreakerRuleQuerySet(models.QuerySet["BreakerRule"]):
    def in_use(self, signals: Iterable[str]) -> BreakerRuleQuerySet:
        return self.filter(active=True, signal__in=list(signals))


class BreakerQuerySet(models.QuerySet["Breaker"]):
    def in_force(self, signals: Iterable[str] | None = None) -> BreakerQuerySet:
        found = self.exclude(state="closed").select_related("rule")
        return found if signals is None else found.filter(rule__signal__in=list(signals))

    def over_sender(self, sender_id: int) -> BreakerQuerySet:
        return self.in_force().filter(rule__scope="sender", subject_id=sender_id)

    def locked(self, breaker: Breaker) -> Breaker:
        return self.select_for_update(of=("self",)).select_related("rule").get(pk=breaker.pk)

    def for_list(self) -> BreakerQuerySet:
        return self.select_related("rule", "closed_by").prefetch_related("paused")

    def last_closed(self, rule: BreakerRule, since: datetime) -> dict[int, datetime]:
        """Subject -> when its breaker was closed last: what went wrong before does not count again."""
        closed = self.filter(rule=rule, closed_at__gte=since).order_by("closed_at")
        return dict(closed.values_list("subject_id", "closed_at"))


def tallies(rule: BreakerRule, since: datetime, subject_id: int | None = None) -> Iterator[Tally]:
    """Of each subject with at least one bad text since: how many were bad, and how many left."""
    from outreach.models import Message, SendAttempt

    if rule.scope == "provider":
        calls = SendAttempt.objects.filter(started_at__gte=since).exclude(outcome="started")
        no_answer = Q(outcome="unknown") | Q(outcome="refused", http_status__isnull=True)
        found = calls.aggregate(bad=Count("pk", filter=no_answer), sent=Count("pk"))
        return iter([Tally(0, "The provider", found["bad"], found["sent"])])
    subject = SUBJECTS[rule.scope]
    texts = Message.objects.filter(direction="out", claimed_at__gte=since, **{f"{subject}__isnull": False})
    if subject_id is not None:
        texts = texts.filter(**{subject: subject_id})
    counted = texts.order_by().values_list(subject, NAMES[rule.scope])
    rows = counted.annotate(bad=Count("pk", filter=_is_bad(rule.signal)), sent=Count("pk")).filter(bad__gt=0)
    return (Tally(*row) for row in rows)


def texts_since(breaker: Breaker, since: datetime) -> int:
    """How many texts of the breaker's subject were claimed from this moment on, those included that went back into the
    queue after a call."""
    from outreach.models import Message, SendAttempt

    texts = Message.objects.filter(direction="out", claimed_at__gte=since)
    back = SendAttempt.objects.filter(started_at__gte=since, message__claimed_at__isnull=True)
    if breaker.rule.scope != "provider":
        subject = SUBJECTS[breaker.rule.scope]
        texts = texts.filter(**{subject: breaker.subject_id})
        back = back.filter(**{f"message__{subject}": breaker.subject_id})
    return int(texts.count() + back.values("message").distinct().count())


def _is_bad(signal: str) -> Q | Exists:
    from outreach.models import Suppression

    if signal == "filtered":
        return Q(error_code=30007)
    if signal == "not_delivered":
        return Q(state__in=ENDED_BADLY)
    reason = "opt_out" if signal == "opted_out" else "wrong_number"
    since = Suppression.objects.filter(
        number_hash=OuterRef("phone__number_hash"), reason=reason, created_at__gte=OuterRef("claimed_at")
    )
    return Exists(since)
