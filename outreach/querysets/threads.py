"""The inbox's rows: which conversations there are, in which order, and how a row is computed from its messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from core.crypto import blind_index
from core.phones import to_e164
from core.querysets import KeysetQuerySet
from leads.querysets_search import holding
from outreach.querysets.threads_sql import ADD, CHANGE, DROP, LOCK, about

if TYPE_CHECKING:
    from core.models import User
    from leads.models import Owner
    from outreach.models import Message, NumberAttachment, Thread


class ThreadQuerySet(KeysetQuerySet["Thread"]):
    """Unread conversations first, then the newest; `place` is the order of both."""

    keyset_column = "place"

    # which

    def unfinished(self, now: datetime) -> ThreadQuerySet:
        awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
        return self.filter(awake, done_at__isnull=True)

    def snoozed(self, now: datetime) -> ThreadQuerySet:
        return self.filter(done_at__isnull=True, snoozed_until__gt=now)

    def finished(self) -> ThreadQuerySet:
        return self.filter(done_at__isnull=False)

    def of_person(self, user: User) -> ThreadQuerySet:
        return self.filter(assigned_to=user)

    def of_nobody(self) -> ThreadQuerySet:
        """Given to nobody, or to somebody who has left the team."""
        left = get_user_model().objects.who_left().values("pk")
        return self.filter(Q(assigned_to__isnull=True) | Q(assigned_to__in=left))

    def held(self) -> ThreadQuerySet:
        return self.filter(held=True)

    def labelled(self, label: str) -> ThreadQuerySet:
        return self.filter(label=label)

    def in_market(self, code: str) -> ThreadQuerySet:
        return self.filter(market__code=code)

    def of_strangers(self) -> ThreadQuerySet:
        """With numbers nobody is known at."""
        return self.filter(owner__isnull=True)

    def of_owners(self) -> ThreadQuerySet:
        return self.filter(owner__isnull=False)

    def by_id(self, text: str) -> Thread | None:
        """The conversation of an id that came from an address."""
        return self.filter(pk=int(text)).first() if text.isdecimal() else None

    def few(self, most: int) -> int:
        """How many there are, counted up to `most`."""
        return int(self.order_by()[:most].count())

    def of_owner(self, owner: Owner) -> Thread | None:
        return self.filter(owner=owner).first()

    def of_message(self, message: Message) -> Thread | None:
        mine = {"owner": message.owner_id} if message.owner_id else {"phone": message.phone_id}
        return self.filter(**mine).first()

    def lock_of(self, owner: Owner) -> Thread | None:
        return self.filter(owner=owner).select_for_update(of=("self",)).first()

    def found_by(self, words: str) -> ThreadQuerySet:
        """By a whole phone number, or by words of the owner's name."""
        from leads.models import Owner, OwnerPhone  # the models are built on these querysets

        number = to_e164(words)
        if number:
            theirs = OwnerPhone.objects.filter(phone__number_hash=blind_index(number)).values("owner")
            return self.filter(Q(phone__number_hash=blind_index(number)) | Q(owner__in=theirs))
        owners = Owner.objects.few_named(words)
        return self.filter(holding(words, "owner__name") if owners is None else Q(owner_id__in=owners))

    def for_list(self) -> ThreadQuerySet:
        related = ("owner", "last_message__phone", "market", "assigned_to")
        return self.select_related(*related).defer("owner__email")

    def for_page(self) -> ThreadQuerySet:
        return self.select_related("owner", "phone", "last_message", "market", "assigned_to")

    # changes that a person makes

    def change(self, thread: Thread, **values: Any) -> None:
        for name, value in (values | {"changed_at": timezone.now()}).items():
            setattr(thread, name, value)
        thread.save(update_fields=[*values, "changed_at"])

    # rows from messages

    def follow(self, message: Message) -> None:
        """After a change of the message or its label, in the same transaction."""
        mine = {"owners": [message.owner_id]} if message.owner_id else {"phones": [message.phone_id]}
        self.rebuild(**mine, drop=False)

    def rebuild(
        self, *, owners: Iterable[int] | None = None, phones: Iterable[int] | None = None, drop: bool = True
    ) -> int:
        """Makes the rows of these owners and numbers, or all, what their messages say; returns how many were wrong.

        The rows are locked between two statements, so that the second sees what a transaction waited for has written.
        """
        whose, values = about(owners, phones)
        conditions, wrong = {"whose": whose, "rows": whose.replace("m.", "t.")}, 0
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in (ADD, LOCK, CHANGE, *((DROP,) if drop else ())):
                cursor.execute(statement.format(**conditions), values)
                wrong += 0 if statement is LOCK else cursor.rowcount
        return wrong


class NumberAttachmentQuerySet(models.QuerySet["NumberAttachment"]):
    def to_undo(self, owner: Owner, since: datetime) -> NumberAttachment | None:
        return self.filter(owner=owner, undone_at__isnull=True, attached_at__gte=since).first()
