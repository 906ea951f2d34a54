from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When

from leads.models import Owner, PhoneNumber
from markets.models import Market
from outreach.models.messages import Message, ReplyLabel
from outreach.querysets.threads import NumberAttachmentQuerySet, ThreadQuerySet

UNREAD = 10**15
"""More than any message's id: unread conversations come before all others."""


class ThreadRepository(models.Manager.from_queryset(ThreadQuerySet)):  # type: ignore[misc]
    pass


class Thread(models.Model):
    """One conversation of the inbox: with an owner over all phones and parcels, or with a number nobody is known at.

    What its messages say is computed from them (`ThreadQuerySet.rebuild`), in the transaction that changes them; who
    works on it, until when it is put off and whether it is done is said by people.
    """

    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.PROTECT, related_name="threads")
    phone = models.ForeignKey(
        PhoneNumber, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Of nobody we know."
    )
    market = models.ForeignKey(Market, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    last_message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    last_at = models.DateTimeField()
    unread = models.PositiveIntegerField(default=0, db_default=0)
    held = models.BooleanField(default=False, db_default=False, help_text="Nothing leaves: a reply has to be read.")
    label = models.CharField(max_length=14, choices=ReplyLabel.Label, blank=True, default="", db_default="")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    snoozed_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    place = models.GeneratedField(
        expression=F("last_message_id") + Case(When(unread__gt=0, then=Value(UNREAD)), default=Value(0)),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    objects = ThreadRepository()

    class Meta:
        ordering = ["-place", "-id"]
        verbose_name = "conversation"
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(owner__isnull=False), name="thread_once_of_owner"),
            models.UniqueConstraint(fields=["phone"], condition=Q(phone__isnull=False), name="thread_once_of_number"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) ^ Q(phone__isnull=True), name="thread_of_owner_or_number"
            ),
        ]
        indexes = [
            models.Index(F("place").desc(), F("id").desc(), condition=Q(done_at__isnull=True), name="thread_open"),
            models.Index(F("place").desc(), F("id").desc(), condition=Q(done_at__isnull=False), name="thread_done"),
            models.Index(
                F("place").desc(), F("id").desc(), condition=Q(done_at__isnull=True, held=True), name="thread_held"
            ),
            models.Index(
                F("place").desc(), F("id").desc(), condition=Q(done_at__isnull=True, owner__isnull=True),
                name="thread_stranger",
            ),
            models.Index(
                "assigned_to", F("place").desc(), F("id").desc(), condition=Q(done_at__isnull=True), name="thread_mine"
            ),
            models.Index(
                "label", F("place").desc(), F("id").desc(), condition=Q(done_at__isnull=True), name="thread_label"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.owner or self.phone)


class NumberAttachment(models.Model):
    """That a person said whose number this is: what it moved, so that it can be taken back."""

    phone = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="+")
    messages = models.JSONField(default=list, help_text="Keys of the texts that became the owner's.")
    is_new_link = models.BooleanField(help_text="Whether the owner did not have the number before.")
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    attached_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(NumberAttachmentQuerySet)()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.phone} is {self.owner}'s"
