from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from core.crypto import blind_index
from core.input_lines import is_id
from leads.querysets_search import holding
from outreach.querysets.tracing import TracingQuerySet

if TYPE_CHECKING:
    from uuid import UUID

    from leads.models import Lead, Owner, PhoneNumber
    from outreach.models import Campaign, Message, SenderNumber, Thread

LEASE = timedelta(seconds=60)
"""How long a reply belongs to the worker that asks a language model about it; longer than the model's time-out."""

ERROR_CODE = 5
"""Digits of a provider's error code."""
MAY_HAVE_LEFT = ("sending", "uncertain", "sent", "delivered", "undelivered")


class ConversationQuerySet(TracingQuerySet):
    """What the handling of replies asks of messages."""

    def for_list(self) -> ConversationQuerySet:
        """What a row of the list of texts shows."""
        related = ("owner", "phone", "step__campaign")
        return self.select_related(*related).defer("owner__email").prefetch_related("labels")

    def for_page(self) -> ConversationQuerySet:
        """One text with everything that happened to it."""
        parts = ("labels__corrected_by", "decisions", "send_attempts", "delivery_statuses")
        related = ("owner", "phone", "lead", "market", "sender", "step__campaign", "variant__template", "created_by")
        return self.select_related(*related).prefetch_related(*parts)

    def conversation(self, owner: Owner, limit: int) -> list[Message]:
        """The newest texts with this owner, oldest first, with labels and the gate's decisions, newest first."""
        return self.filter(owner=owner)._newest(limit)

    def conversation_of(self, thread: Thread, limit: int) -> list[Message]:
        return self.in_thread(thread)._newest(limit)

    def in_thread(self, thread: Thread) -> ConversationQuerySet:
        """With the owner, or with a number nobody is known at."""
        return self.filter(owner=thread.owner_id, **({} if thread.owner_id else {"phone": thread.phone_id}))

    def thread_version(self, thread: Thread, limit: int) -> list[tuple[Any, ...]]:
        """What a change of would be seen in the conversation."""
        from outreach.models import ReplyLabel  # the models are built on these querysets

        columns = ("pk", "state", "error", "needs_person", "processed_at", "current_label")
        current = ReplyLabel.objects.filter(message=OuterRef("pk"), current=True)
        newest = self.in_thread(thread).annotate(current_label=Subquery(current.values("label")[:1]))
        return list(newest.order_by("-id").values_list(*columns)[:limit])

    def lock_in(self, thread: Thread) -> None:
        """Before the conversation's own row: whoever settles a reply locks the two in this order."""
        replies = self.in_thread(thread).filter(direction="in").select_for_update(of=("self",))
        list(replies.order_by("pk").values_list("pk", flat=True))

    def unread_in(self, thread: Thread) -> ConversationQuerySet:
        return self.in_thread(thread).filter(direction="in", read_at__isnull=True)

    def has_news(self, thread: Thread, seen: int | None) -> bool:
        """Whether a reply has come in after the text with this id, and nobody has read it."""
        return seen is not None and self.unread_in(thread).filter(pk__gt=seen).exists()

    def mark_read(self, thread: Thread, now: datetime, seen: int | None = None) -> int:
        """Up to the text with the id `seen`; all with None."""
        unread = self.unread_in(thread)
        return int((unread if seen is None else unread.filter(pk__lte=seen)).update(read_at=now))

    def mark_unread(self, thread: Thread) -> int:
        """The last reply."""
        last = self.in_thread(thread).filter(direction="in").order_by("-id").values("pk")[:1]
        return int(self.filter(pk__in=list(last.values_list("pk", flat=True))).update(read_at=None))

    def news_for(self, owner: Owner, seen: int, token: UUID | None) -> Message | None:
        """What this owner or one of us has written after the text with the id `seen`, besides the one of this token."""
        talk = self.filter(owner=owner, pk__gt=seen).filter(Q(direction="in") | Q(origin="reply"))
        return talk.exclude(token=token).select_related("created_by").order_by("pk").last()

    def by_id(self, text: str) -> Message | None:
        return self.filter(pk=int(text)).first() if is_id(text) else None

    def with_token(self, token: UUID) -> Message | None:
        return self.filter(token=token).first()

    def replies_in(self, thread: Thread) -> list[Message]:
        return list(self.in_thread(thread).filter(direction="in").order_by("pk"))

    def replies_among(self, ids: Iterable[int]) -> list[Message]:
        """The oldest first, with what their labels may change."""
        replies = self.filter(pk__in=list(ids), direction="in").select_related("phone", "owner", "lead")
        return list(replies.order_by("pk"))

    def give_to(self, thread: Thread, owner: Owner, lead: Lead | None) -> list[int]:
        """The texts of a number nobody was known at become this owner's; their ids."""
        ids = list(self.in_thread(thread).select_for_update().order_by("pk").values_list("pk", flat=True))
        about = {"lead": lead, "market": lead.market} if lead else {}
        self.filter(pk__in=ids).update(owner=owner, **about)
        return ids

    def take_from(self, owner: Owner, ids: list[int]) -> int:
        """Those that are still this owner's belong to nobody again."""
        return int(self.filter(pk__in=ids, owner=owner).update(owner=None, lead=None))

    def _newest(self, limit: int) -> list[Message]:
        newest = self.order_by("-id").select_related("phone", "created_by", "step__campaign")
        rows: list[Message] = list(newest.prefetch_related("labels", "decisions")[:limit])
        return rows[::-1]

    def labelled(self, label: str) -> ConversationQuerySet:
        return self.filter(labels__label=label, labels__current=True)

    def with_number(self, e164: str) -> ConversationQuerySet:
        return self.filter(phone__number_hash=blind_index(e164))

    def found_by(self, words: str) -> ConversationQuerySet:
        """The text with this id of the provider's, the texts that met this error code of its, those with owners whose
        name holds all of these words, or, where nobody is called so, those of campaigns."""
        from leads.models import Owner
        from outreach.models import Campaign  # the models are built on these querysets

        if words.isdigit() and len(words) == ERROR_CODE:
            return self.with_error(int(words))
        if self.with_sid(words).exists():
            return self.with_sid(words)
        owners = Owner.objects.few_named(words)
        if owners == []:
            return self.filter(step__campaign__in=Campaign.objects.named(words))
        if owners is not None:
            return self.filter(owner_id__in=owners)
        return self.filter(holding(words, "owner__name"))

    def replies(self) -> ConversationQuerySet:
        return self.filter(direction="in")

    def texts_that_left(self) -> ConversationQuerySet:
        """Texts of ours that reached the provider, as far as we know or fear."""
        return self.filter(direction="out", state__in=MAY_HAVE_LEFT)

    def called_back(self, token: UUID, sid: str) -> Message | None:
        """The text a status is about: by the id in the address, which is known before the provider's, else by that of
        any attempt to send it."""
        ours = self.filter(direction="out")
        by_sid = Q(sid=sid) | Q(send_attempts__sid=sid)
        return ours.filter(token=token).first() or ours.filter(by_sid).first()

    def last_text(self, phone: PhoneNumber, sender: SenderNumber | None, owners: Iterable[Owner]) -> Message | None:
        """The last text to this number from that sender, to one of these owners."""
        texts = self.texts_that_left().filter(phone=phone, sender=sender, owner__in=owners).select_related("owner")
        return texts.order_by(Coalesce("sent_at", "claimed_at", "created_at").desc(), "-pk").first()

    def last_texted_lead(self, owner: Owner) -> Lead | None:
        texts = self.texts_that_left().filter(owner=owner, lead__isnull=False).select_related("lead", "lead__market")
        last = texts.order_by(Coalesce("sent_at", "claimed_at", "created_at").desc(), "-pk").first()
        return last.lead if last else None

    def texted_before(self, reply: Message) -> bool:
        """Whether we had texted the number, or its owner anywhere, before this reply."""
        ours = self.texts_that_left().filter(Q(phone=reply.phone) | Q(owner__isnull=False, owner=reply.owner))
        return ours.exclude(created_at__gt=reply.due_at).exists()

    def bodies_after(self, reply: Message) -> list[str]:
        """What the same number wrote later."""
        later = self.replies().filter(phone=reply.phone, due_at__gt=reply.due_at)
        return list(later.values_list("body", flat=True))

    def undecided_from(self, phone: PhoneNumber) -> int:
        """Replies of this number that are not dealt with or wait for a person: while there are any nothing is sent."""
        return self.replies().filter(Q(processed_at__isnull=True) | Q(needs_person=True), phone=phone).count()

    def for_a_person(self) -> ConversationQuerySet:
        return self.replies().filter(needs_person=True)

    def waiting_for_people(self) -> ConversationQuerySet:
        """Those with who wrote them, the longest waiting first."""
        return self.for_a_person().select_related("owner", "phone", "lead").order_by("due_at", "pk")

    def today_counts(self, since: datetime) -> dict[str, int]:
        """Texts that left and what became of them since then, replies since then, and what waits now."""
        left = self.filter(direction="out", claimed_at__gte=since).aggregate(
            sent=Count("pk", filter=Q(state__in=MAY_HAVE_LEFT)),
            delivered=Count("pk", filter=Q(state="delivered")),
            failed=Count("pk", filter=Q(state__in=["failed", "undelivered"])),
        )
        blocked = self.filter(state="blocked", created_at__gte=since).count()
        queued = self.filter(state="queued").count()
        return {
            **left,
            "blocked": blocked,
            "queued": queued,
            "replies": self.replies().filter(due_at__gte=since).count(),
        }

    def cancelled_for(self, reply: Message, reason: str) -> bool:
        """Whether texts to its number or owner were cancelled for this reason since."""
        theirs = Q(phone=reply.phone) | Q(owner__isnull=False, owner=reply.owner)
        return self.filter(theirs, state="cancelled", error=reason[:300]).exists()

    def of_strangers(self) -> ConversationQuerySet:
        """Replies from numbers nobody is known at."""
        return self.replies().filter(owner__isnull=True)

    def answers_to(self, campaign: Campaign) -> ConversationQuerySet:
        """Replies from the numbers a campaign texted, since it texted them."""
        texts = self.texts_that_left().filter(step__campaign=campaign, phone=OuterRef("phone"))
        return self.replies().filter(Exists(texts.filter(claimed_at__lte=OuterRef("due_at"))))

    def lease_undecided(self, now: datetime, limit: int) -> list[Message]:
        """The next replies no tier has decided, leased for one question; those asked about least come first."""
        free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - LEASE)
        with transaction.atomic():
            waiting = self.replies().filter(free, processed_at__isnull=True, needs_person=False)
            locked = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("market")
            leased: list[Message] = list(locked.order_by("attempts", "pk")[:limit])
            self.filter(pk__in=[reply.pk for reply in leased]).update(claimed_at=now, attempts=F("attempts") + 1)
        for reply in leased:
            reply.claimed_at, reply.attempts = now, reply.attempts + 1
        return leased

    def lock_reply(self, reply: Message) -> Message:
        """With what its label may change."""
        rows = self.select_related("phone", "owner", "lead").select_for_update(of=("self",))
        locked: Message = rows.get(pk=reply.pk)
        return locked

    def renew_leases(self, leased: Sequence[Message], now: datetime) -> list[Message]:
        """Those that are still ours, from now on for as long as one question may take."""
        mine = self.filter(pk__in=[reply.pk for reply in leased], processed_at__isnull=True)
        with transaction.atomic():
            held = dict(mine.select_for_update().order_by("pk").values_list("pk", "claimed_at"))
            kept = [reply for reply in leased if held.get(reply.pk) == reply.claimed_at]
            self.filter(pk__in=[reply.pk for reply in kept]).update(claimed_at=now)
        for reply in kept:
            reply.claimed_at = now
        return kept

    def give_back(self, leased: Iterable[Message]) -> None:
        """Leased and not asked about."""
        unread = self.filter(pk__in=[reply.pk for reply in leased], processed_at__isnull=True)
        unread.update(claimed_at=None, attempts=F("attempts") - 1)

    def left_by_models(self, reasons: Iterable[str], limit: int) -> list[Message]:
        """Replies a person was asked to read only because no model could be, and that nobody has read yet."""
        left = self.replies().filter(needs_person=True, labels__isnull=True, error__in=list(reasons))
        return list(left.order_by("pk")[:limit])

    def reopen(self, reply: Message) -> bool:
        """Undecided again, unless a person has dealt with it meanwhile. Locked before it is asked: an UPDATE that joins
        labels would not see what was committed while it waited."""
        waiting = self.filter(pk=reply.pk, needs_person=True).select_for_update(of=("self",))
        if not list(waiting.values_list("pk", flat=True)) or self.filter(pk=reply.pk, labels__isnull=False).exists():
            return False
        self.filter(pk=reply.pk).update(processed_at=None, needs_person=False, error="")
        return True

    def settle(self, reply: Message, now: datetime, *, needs_person: bool) -> None:
        reply.processed_at, reply.needs_person = now, needs_person
        reply.error = reply.error if needs_person else ""
        with transaction.atomic():
            reply.save(update_fields=["processed_at", "needs_person", "error"])
            self._follow(reply)

    def ask_person(self, reply: Message, why: str, now: datetime) -> None:
        """Leaves an undecided reply to a person; one that has been settled meanwhile stays settled."""
        undecided = self.filter(pk=reply.pk, processed_at__isnull=True)
        with transaction.atomic():
            undecided.update(processed_at=now, needs_person=True, error=why[:300])
            self._follow(reply)
        reply.refresh_from_db(fields=["processed_at", "needs_person", "error"])

    def _follow(self, reply: Message) -> None:
        from outreach.models import Thread  # the models are built on these querysets

        Thread.objects.follow(reply)

    def rebuild_threads(self, owner_ids: list[int]) -> None:
        from outreach.models import Thread

        Thread.objects.rebuild(owners=owner_ids)
