from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, prefetch_related_objects
from django.db.models.functions import TruncMinute

from core.rows import write_columns
from leads.models import Lead, Owner, PhoneNumber
from outreach.querysets.conversations import ConversationQuerySet
from outreach.querysets.former_owners import of_former_owner

if TYPE_CHECKING:
    from leads.models import ListedNumber
    from outreach.models import Campaign, DeliveryStatus, Message

WITH_EVERYTHING = (
    "phone", "owner", "market", "sender", "created_by", "variant__template", "lead", "lead__owner", "lead__market",
    "lead__parcel", "lead__parcel__parish__market", "step", "step__campaign", "step__template",
)  # fmt: skip
REACHED = ("sending", "sent", "delivered", "undelivered", "uncertain")
ARRIVED = ("sent", "delivered")
"""As far as anybody knows."""
UNSETTLED = ("sending", "uncertain")
PUT_AWAY = Q(lead__isnull=False) & (Q(lead__deleted_at__isnull=False) | Q(lead__archived_at__isnull=False))
CLAIM_FIELDS = ["state", "due_at", "claimed_at", "attempts", "body", "segments", "sender", "market", "error"]
CLAIM_FIELDS += ["variant", "wording_version"]
MOVED = Q(step__isnull=False, lead__isnull=False) & ~Q(step__campaign__market=F("lead__market"))


def opens_campaign() -> Q:
    """Texts of the first text step of a campaign, whatever other steps come before it: a first touch of the owner."""
    from outreach.models import CampaignStep  # the models are built on these querysets

    before = CampaignStep.objects.filter(
        campaign=OuterRef("step__campaign"), kind="text", position__lt=OuterRef("step__position")
    )
    return Q(step__isnull=False) & ~Q(Exists(before.order_by()))


class Touch(NamedTuple):
    """`is_first`: of the first text of its campaign."""

    phone_id: int
    owner_id: int | None
    at: datetime
    is_first: bool


class Undecided(NamedTuple):
    """A reply that is not processed, or waits for a person."""

    phone_id: int
    owner_id: int | None
    is_unread: bool

    def concerns(self, text: Message) -> bool:
        """Whoever wrote is written to nowhere until the reply is dealt with."""
        return self.phone_id == text.phone_id or (self.owner_id is not None and self.owner_id == text.owner_id)


class Use(NamedTuple):
    """A text, or several of one minute, as the caps count them."""

    market_id: int | None
    campaign_id: int | None
    sender_id: int | None
    carrier: str
    segments: int
    at: datetime
    texts: int = 1


class MessageQuerySet(ConversationQuerySet):
    """The outgoing texts: the queue, the settling of what was sent, and what the gate asks."""

    def with_everything(self) -> MessageQuerySet:
        return self.select_related(*WITH_EVERYTHING)

    # the queue

    def due(self, now: datetime) -> MessageQuerySet:
        """Texts whose time has come, of campaigns and markets that are not paused, in the order they leave."""
        waiting = self.filter(state="queued", due_at__lte=now).filter(
            Q(step__isnull=True) | Q(step__campaign__status="running"),
            Q(market__isnull=True) | Q(market__paused_at__isnull=True),
        )
        return waiting.order_by("priority", "due_at", "id")

    def lock_due(self, now: datetime, limit: int) -> list[Message]:
        """Up to `limit` due texts with everything, locked; rows another worker holds are passed over, and numbers to
        which a text is on its way. One join of it all takes PostgreSQL longer to plan than the parts take together, and
        most texts share most of them."""
        on_its_way = self.model._default_manager.filter(phone=OuterRef("phone"), state="sending")
        free = self.due(now).exclude(Exists(on_its_way))
        rows = list(free.select_for_update(skip_locked=True, of=("self",))[:limit])
        prefetch_related_objects(rows, *WITH_EVERYTHING)
        return rows

    def lock(self, message_id: int) -> Message:
        """One row with what settling it needs; planning a join of everything would take longer than all the rest."""
        related = ("phone", "lead", "step", "step__campaign")
        return self.select_related(*related).select_for_update(of=("self",)).get(pk=message_id)

    def lock_all(self, sids: Mapping[int, str]) -> list[Message]:
        """These texts, and others that are thought to be the ones the provider knows by these ids."""
        rows = self.filter(Q(pk__in=sids) | Q(sid__in=sids.values())).order_by("pk")
        return list(rows.select_related("lead", "step__campaign").select_for_update(of=("self",)))

    def taken_over(self, messages: Sequence[Message]) -> None:
        write_columns(messages, ["sid", "state", "sent_at", "error", "error_code"])

    def save_claims(self, messages: Sequence[Message]) -> None:
        """What the gate decided about each, and the words, sender and market it judged."""
        write_columns(messages, CLAIM_FIELDS)

    def cancel_waiting(self, reason: str, *, phone: PhoneNumber | None = None, owner: Owner | None = None) -> int:
        """Cancels what was not handed to the provider yet, claimed or not. One of phone and owner narrows it."""
        if phone is None and owner is None:
            raise ValueError("name the number or the owner whose texts to cancel")
        waiting = self._not_handed_over()
        waiting = waiting.filter(phone=phone) if phone else waiting
        waiting = waiting.filter(owner=owner) if owner else waiting
        return waiting._cancel(reason)

    def cancel_to_numbers(self, hashes: models.QuerySet[ListedNumber, bytes], reason: str) -> int:
        return self._not_handed_over().filter(phone__number_hash__in=hashes)._cancel(reason)

    def cancel_campaigns_of(self, owner: Owner | None, phone: PhoneNumber, reason: str) -> int:
        """What campaigns still had for this owner or for whoever shares the number; texts that a person wrote stay."""
        theirs = Q(phone=phone) if owner is None else Q(phone=phone) | Q(owner=owner)
        return self._not_handed_over().filter(theirs, origin="campaign")._cancel(reason)

    def cancel_for_former_owners(self, reason: str) -> int:
        theirs = self._not_handed_over().filter(of_former_owner(), owner__isnull=False, lead__isnull=False)
        return theirs._cancel(reason)

    def lock_waiting(self, owner: Owner) -> list[Message]:
        """The owner's texts that were not handed over, locked. Asked twice: while the lock was waited for one may have
        been handed over, and from now on none can be."""
        rows = self._not_handed_over().filter(owner=owner).select_for_update(of=("self",)).order_by("pk")
        locked = list(rows.select_related("phone", "step__campaign"))
        waiting = set(self._not_handed_over().filter(pk__in=[m.pk for m in locked]).values_list("pk", flat=True))
        return [message for message in locked if message.pk in waiting]

    def cancel_campaign(self, campaign: Campaign, reason: str) -> int:
        return self._not_handed_over().filter(step__campaign=campaign)._cancel(reason)

    def cancel_campaign_for(self, campaign_id: int, owner_ids: Iterable[int], reason: str) -> int:
        theirs = self._not_handed_over().filter(step__campaign_id=campaign_id, owner_id__in=list(owner_ids))
        return theirs._cancel(reason)

    def cancel_put_away(self) -> int:
        """Texts about leads that were deleted or archived since they were queued."""
        return self._not_handed_over().filter(PUT_AWAY)._cancel("The lead was deleted or archived.")

    def cancel_moved(self) -> int:
        """Texts of campaigns about leads that another market works by now."""
        return self._not_handed_over().filter(MOVED)._cancel("The lead has moved to another market.")

    def _cancel(self, reason: str) -> int:
        """Locks first: what a worker hands over at this moment is seen as such by the statement that cancels."""
        with transaction.atomic():
            ids = list(self.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
            waiting = self.model._default_manager.all()._not_handed_over().filter(pk__in=ids)
            return int(waiting.update(state="cancelled", error=reason[:300])) if ids else 0

    def follow_moved(self, now: datetime) -> int:
        """Answers that wait, written by people, go on in the market of their lead, and are judged anew."""
        waiting = self.filter(state="queued", step__isnull=True, lead__isnull=False).exclude(market=F("lead__market"))
        of_lead = Subquery(Lead.objects.filter(pk=OuterRef("lead")).values("market"))
        return int(waiting.update(market=of_lead, due_at=now))

    def waiting_about(self, leads: QuerySet[Lead]) -> MessageQuerySet:
        return self.filter(state="queued", lead__in=leads.order_by().values("pk"))

    def by_people(self) -> MessageQuerySet:
        return self.filter(step__isnull=True)

    def of_campaigns(self) -> MessageQuerySet:
        return self.filter(step__isnull=False)

    def release(self, ids: Iterable[int]) -> int:
        """Puts claimed texts that were not handed over back into the queue."""
        mine = self._not_handed_over().filter(state="sending", pk__in=list(ids))
        return int(mine.update(state="queued", claimed_at=None, attempts=F("attempts") - 1))

    def judge_again(self, now: datetime) -> int:
        """Texts that the gate holds until later are due."""
        return int(self.filter(state="queued", due_at__gt=now, error__startswith="held").update(due_at=now))

    def put_off(self, until: datetime) -> int:
        """Texts that would be due before that moment wait for it; those that another worker holds at this moment do
        not."""
        early = self.due(until).filter(due_at__lt=until).select_for_update(skip_locked=True, of=("self",))
        with transaction.atomic():
            ids = list(early.values_list("pk", flat=True))
            return int(self.filter(pk__in=ids).update(due_at=until)) if ids else 0

    def _not_handed_over(self) -> MessageQuerySet:
        from outreach.models import SendAttempt  # the models are built on these querysets

        handed = SendAttempt.objects.filter(message=OuterRef("pk"), number=OuterRef("attempts"))
        return self.filter(Q(state="queued") | (Q(state="sending") & ~Exists(handed)))

    # settling

    def stuck_ids(self, claimed_before: datetime, limit: int) -> list[int]:
        stuck = self.filter(state="sending", claimed_at__lt=claimed_before).order_by("claimed_at")
        return list(stuck.values_list("pk", flat=True)[:limit])

    def mark_uncertain(self, message_id: int, why: str) -> int:
        """Only a text that was handed over; a callback that came first has settled it."""
        handed_over = self.filter(pk=message_id, state="sending")
        return int(handed_over.update(state="uncertain", error=why[:300], error_code=None))

    def uncertain(self, limit: int) -> list[Message]:
        return list(self.filter(state="uncertain").select_related("phone", "sender").order_by("claimed_at")[:limit])

    def has_double(self, message: Message) -> bool:
        """Whether another text to that number reads the same and is not settled either."""
        alike = self.filter(state__in=UNSETTLED, phone=message.phone_id, body=message.body)
        return bool(alike.exclude(pk=message.pk).exists())

    def disown(self, sid: str, rightful: Message) -> int:
        """Takes the provider's id away from a text that was only thought to be the one; what became of that one is open
        again."""
        from outreach.models import SendAttempt

        wrong = self.filter(sid=sid).exclude(pk=rightful.pk)
        taken = list(wrong.values_list("pk", flat=True))
        if taken:
            SendAttempt.objects.filter(message__in=taken, sid=sid).update(sid="", outcome="unknown")
            why = "The provider's text turned out to be another one."
            wrong.update(state="uncertain", sid=None, sent_at=None, error_code=None, error=why)
        return len(taken)

    def without_final_status(self, since: datetime, until: datetime) -> MessageQuerySet:
        return self.filter(state="sent", sent_at__gte=since, sent_at__lt=until)

    def known_sids(self, sids: Iterable[str]) -> set[str]:
        from outreach.models import SendAttempt

        wanted = list(sids)
        mine = self.filter(sid__in=wanted).values_list("sid", flat=True)
        attempts = SendAttempt.objects.filter(sid__in=wanted).values_list("sid", flat=True)
        return {sid for sid in (*mine, *attempts) if sid}

    # what the gate asks

    def reached(self) -> MessageQuerySet:
        """Outgoing texts that reached the provider or may have."""
        failed_after_acceptance = Q(state="failed", sid__isnull=False)
        return self.filter(Q(state__in=REACHED) | failed_after_acceptance, direction="out", claimed_at__isnull=False)

    def touches(self, phone_ids: Iterable[int], owner_ids: Iterable[int], since: datetime) -> Iterator[Touch]:
        theirs = self.reached().filter(
            Q(phone_id__in=list(phone_ids)) | Q(owner_id__in=list(owner_ids)), claimed_at__gte=since
        )
        rows = theirs.annotate(is_first=opens_campaign()).values_list("phone_id", "owner_id", "claimed_at", "is_first")
        return (Touch(phone, owner, at, is_first) for phone, owner, at, is_first in rows if at)

    def texted_numbers(self, phone_ids: Iterable[int]) -> set[int]:
        """Those that a text of ours has got to: one that did not arrive has told nobody how to opt out."""
        texted = self.filter(direction="out", state__in=ARRIVED, phone_id__in=list(phone_ids)).order_by()
        return set(texted.values_list("phone_id", flat=True).distinct())

    def uses_since(self, since: datetime) -> Iterator[Use]:
        """By the minute: the shortest time that a cap counts, and no day begins within one."""
        columns = ("market_id", "step__campaign_id", "sender_id", "phone__carrier")
        minutes = self.reached().filter(claimed_at__gte=since).order_by()
        rows = minutes.values_list(*columns, TruncMinute("claimed_at", tzinfo=UTC)).annotate(
            Sum("segments"), Count("pk")
        )
        return (
            Use(market, campaign, sender, carrier, segments, at, texts)
            for market, campaign, sender, carrier, at, segments, texts in rows
        )

    def undecided(self, phone_ids: Iterable[int], owner_ids: Iterable[int]) -> list[Undecided]:
        """From these numbers, or by these owners from another one."""
        theirs = Q(phone_id__in=list(phone_ids)) | Q(owner_id__in=list(owner_ids))
        waiting = self.filter(theirs, Q(processed_at__isnull=True) | Q(needs_person=True), direction="in").order_by()
        rows = waiting.values_list("phone_id", "owner_id", "processed_at")
        return [Undecided(phone, owner, processed_at is None) for phone, owner, processed_at in rows]

    def last_heard(self, phone_ids: Iterable[int]) -> dict[int, datetime]:
        heard = self.filter(direction="in", phone_id__in=list(phone_ids)).order_by()
        return dict(heard.values_list("phone_id").annotate(at=Max("due_at")))

    def last_senders(self, phone_ids: Iterable[int]) -> dict[int, int]:
        """Number -> our number it last spoke with."""
        spoken = self.filter(phone_id__in=list(phone_ids), sender__isnull=False).order_by("phone_id", "-id")
        return dict(spoken.distinct("phone_id").values_list("phone_id", "sender_id"))

    # campaigns

    def talked_to(self, phone_ids: Iterable[int], since: datetime) -> dict[int, int]:
        """Number -> the owner last written to or heard from there; a text that waits to leave counts."""
        talk = self.filter(phone_id__in=list(phone_ids), owner__isnull=False, due_at__gte=since)
        talk = talk.filter(state__in=["queued", "received", *REACHED]).order_by("phone_id", "-id")
        return dict(talk.distinct("phone_id").values_list("phone_id", "owner_id"))

    def campaign_states(self, campaign_id: int, owner_ids: Iterable[int]) -> dict[int, set[str]]:
        """Owner -> states of the campaign's texts to them."""
        found = self.filter(step__campaign_id=campaign_id, owner_id__in=list(owner_ids)).order_by()
        states: dict[int, set[str]] = defaultdict(set)
        for owner_id, state in found.values_list("owner_id", "state"):
            states[owner_id].add(state)
        return states

    def owners_heard_since(self, owner_ids: Iterable[int], since: datetime) -> dict[int, list[datetime]]:
        """Owner -> when texts came from them."""
        came = self.filter(direction="in", owner_id__in=list(owner_ids), due_at__gte=since).order_by()
        heard: dict[int, list[datetime]] = defaultdict(list)
        for owner_id, at in came.values_list("owner_id", "due_at"):
            heard[owner_id].append(at)
        return heard

    def numbers_tried(self, step_ids: Iterable[int | None], owner_ids: Iterable[int]) -> set[tuple[int, int, int]]:
        """Step, owner and number of what these steps have written to these owners."""
        found = self.filter(step_id__in=set(step_ids), owner_id__in=list(owner_ids)).order_by()
        return {
            (step or 0, owner or 0, phone)
            for step, owner, phone in found.values_list("step_id", "owner_id", "phone_id")
        }

    def state_counts(self, campaign: Campaign) -> dict[str, int]:
        mine = self.filter(step__campaign=campaign).order_by()
        return dict(mine.values_list("state").annotate(count=Count("pk")))

    def blocked_reasons(self, campaign: Campaign) -> list[tuple[str, int]]:
        """Why the gate kept texts of this campaign back, the commonest reason first."""
        blocked = self.filter(step__campaign=campaign, state="blocked").order_by().values_list("error")
        return list(blocked.annotate(count=Count("pk")).order_by("-count", "error"))

    def failed_like(self, phone: PhoneNumber, code: int) -> int:
        return self.filter(phone=phone, error_code=code).count()

    def last_with_market(self, phone: PhoneNumber) -> Message | None:
        spoken = self.filter(phone=phone, market__isnull=False).select_related("market", "lead__market")
        return spoken.order_by("-id").first()

    def unknown_lines_due(self, now: datetime, limit: int) -> list[Message]:
        """Of the next due texts one per number whose line nobody knows, or was told so long ago that the number may
        have been ported since, and nobody was asked about lately."""
        from outreach.models import PhoneLookup  # the models are built on these querysets

        asked = PhoneLookup.objects.filter(phone_id=OuterRef("phone_id"))
        worth = Q(phone__line_type="unknown") | Exists(asked.filter(answered_at__isnull=False))
        due = self.due(now).filter(worth, ~Exists(asked.good_at(now)))
        found = due.select_related("phone", "market")[:limit]
        return list({message.phone_id: message for message in found}.values())

    def sent_today(self, since: datetime) -> int:
        return self.reached().filter(claimed_at__gte=since).count()


class DeliveryStatusQuerySet(models.QuerySet["DeliveryStatus"]):
    def attempts_with(self, message: Message, code: int | None) -> set[int]:
        """Which attempts at this text ended with that error code."""
        return set(self.filter(message=message, error_code=code).values_list("attempt", flat=True))

    def store_once(self, message: Message, status: str, **report: Any) -> bool:
        _, created = self.get_or_create(message=message, attempt=message.attempts, status=status, defaults=report)
        return bool(created)
