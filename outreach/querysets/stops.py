"""Why a campaign stops for an owner: read this table to know. Each reason is a question about the rows of those who are
under way, so that one owner and ten thousand are asked alike; the first that holds is the one that is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q

from leads.stages import Stage

NUMBERS_THAT_STOP = ("opt_out", "deceased")
"""Reasons for which a suppressed number stops the campaign of whoever is spoken to there."""


class StopReason(StrEnum):
    OPT_OUT = "opt_out"
    REPLIED = "replied"
    OWNER_CHANGED = "new_owner"
    PUT_AWAY = "put_away"
    MOVED = "moved"
    STAGE_CHANGED = "stage"
    MERGED = "merged"
    ENDED = "ended"


@dataclass(frozen=True)
class Stop:
    """`holds` asks it of a row of CampaignOwner."""

    words: str
    holds: Callable[[], Q]


def _opted_out() -> Q:
    """The owner is suppressed for whatever reason, or the number spoken to opted out or says that its holder died."""
    from outreach.models import Suppression  # the models are built on these querysets

    in_force = Suppression.objects.filter(lifted_at__isnull=True).order_by()
    number = in_force.filter(number_hash=OuterRef("phone__number_hash"), reason__in=NUMBERS_THAT_STOP)
    return Q(Exists(in_force.filter(owner=OuterRef("owner")))) | Q(Exists(number))


def _replied() -> Q:
    """Anything but a plain START, from the owner or from the number spoken to, whoever of those who share it the text
    was filed under. Somebody else at a wrong number has not answered for the owner."""
    from outreach.models import Message, ReplyLabel

    since = Message.objects.filter(direction="in", due_at__gte=OuterRef("entered_at")).order_by()
    strangers = ReplyLabel.objects.filter(message=OuterRef("pk"), current=True, label="wrong_number").order_by()
    theirs = since.exclude(Exists(strangers)).exclude(body__iregex=r"^\W*(start|unstop)\W*$")
    return Q(Exists(theirs.filter(owner=OuterRef("owner")))) | Q(Exists(theirs.filter(phone=OuterRef("phone"))))


def _owner_changed() -> Q:
    return ~Q(lead__owner=F("owner"))


def _put_away() -> Q:
    return Q(lead__deleted_at__isnull=False) | Q(lead__archived_at__isnull=False)


def _moved() -> Q:
    return ~Q(lead__market=F("campaign__market"))


def _stage_changed() -> Q:
    """Contacted is what the campaign itself makes of a qualified lead."""
    own = Q(lead__stage=F("entered_stage")) | Q(entered_stage=Stage.QUALIFIED, lead__stage=Stage.CONTACTED)
    return ~own


def _merged() -> Q:
    return Q(owner__merged_into__isnull=False)


def _ended() -> Q:
    return Q(campaign__status="ended")


STOPS: Mapping[StopReason, Stop] = {
    StopReason.OPT_OUT: Stop("the owner said stop", _opted_out),
    StopReason.REPLIED: Stop("the owner replied", _replied),
    StopReason.MERGED: Stop("the owner is the same as another one", _merged),
    StopReason.OWNER_CHANGED: Stop("the parcel has a new owner", _owner_changed),
    StopReason.PUT_AWAY: Stop("the lead was deleted or archived", _put_away),
    StopReason.MOVED: Stop("the lead has moved to another market", _moved),
    StopReason.STAGE_CHANGED: Stop("the lead's stage was changed", _stage_changed),
    StopReason.ENDED: Stop("the campaign was ended", _ended),
}
