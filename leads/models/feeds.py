from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from core.fields import EncryptedTextField
from leads.models.lists import ListImport
from leads.querysets_feeds import ListFeedCheckQuerySet, ListFeedQuerySet
from markets.models import Market, Parish


class ListFeedRepository(models.Manager.from_queryset(ListFeedQuerySet)):  # type: ignore[misc]
    pass


class ListFeed(models.Model):
    """A folder or an https address in which lists of one kind turn up; looked at by the clock while it is on."""

    class Kind(models.TextChoices):
        FOLDER = "folder", "Folder"
        HTTPS = "https", "https address"

    class Every(models.IntegerChoices):
        QUARTER = 15, "15 minutes"
        HOUR = 60, "hour"
        QUARTER_DAY = 360, "6 hours"
        DAY = 1440, "day"
        WEEK = 10080, "week"

    class State(models.TextChoices):
        NEW = "new", "Never checked"
        FINE = "fine", "Fine"
        WAITING = "waiting", "Waits for a person"
        FAILED = "failed", "Failed"

    name = models.CharField(max_length=80, unique=True, help_text="Such as “EBR adjudicated, open data”.")
    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="list_feeds")
    parish = models.ForeignKey(
        Parish,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="list_feeds",
        help_text="Empty for lists of telephone numbers.",
    )
    source = models.CharField("kind of list", max_length=12, choices=ListImport.Source)
    kind = models.CharField("comes from", max_length=6, choices=Kind)
    address = models.CharField(
        max_length=500,
        help_text="The folder, below the one that the administrator has set aside for lists, such as ebr/roll; "
        "or the address of the file, beginning with https://.",
    )
    header_name = models.CharField(
        max_length=60, blank=True, help_text="For an address that wants a key: the header, such as Authorization."
    )
    header_value = EncryptedTextField("key", null=True, blank=True)
    every_minutes = models.PositiveIntegerField("every", choices=Every, default=Every.DAY)
    active = models.BooleanField("on", default=False, help_text="Off: looked at only when somebody asks.")

    state = models.CharField(max_length=7, choices=State, default=State.NEW, editable=False)
    last_result = models.CharField(max_length=300, blank=True, editable=False)
    last_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_check_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False, help_text="In a row.")
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    checking_since = models.DateTimeField(null=True, blank=True, editable=False)
    etag = models.CharField(max_length=300, blank=True, editable=False)
    last_modified = models.CharField(max_length=80, blank=True, editable=False)
    seen = models.JSONField(default=dict, blank=True, editable=False, help_text="Files: size, time, whether done.")
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords(
        excluded_fields=[
            "header_value", "state", "last_result", "last_checked_at", "next_check_at", "failures", "asked_at",
            "asked_by", "checking_since", "etag", "last_modified", "seen",
        ]
    )  # fmt: skip
    objects = ListFeedRepository()

    class Meta:
        ordering = ["name"]
        verbose_name = "list feed"
        constraints = [
            models.CheckConstraint(
                condition=Q(parish__isnull=False) | Q(source__in=["do_not_call", "state_dnc", "litigator"]),
                name="feed_of_land_has_parish",
                violation_error_message="A list of land is of one parish: choose it.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="https") | Q(address__startswith="https://"),
                name="feed_address_is_https",
                violation_error_message="The address must begin with https://.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("admin:leads_listfeed_change", args=[self.pk])


class ListFeedCheckRepository(models.Manager.from_queryset(ListFeedCheckQuerySet)):  # type: ignore[misc]
    pass


class ListFeedCheck(models.Model):
    """What a look at a feed has found; looks that found the same, one after the other, are one line."""

    class Outcome(models.TextChoices):
        NOTHING = "nothing", "Nothing new"
        GROWING = "growing", "Still being written"
        IMPORTED = "imported", "Import started"
        WAITING = "waiting", "Waits for its columns"
        SAME = "same", "The same file again"
        REFUSED = "refused", "Cannot be read"
        FAILED = "failed", "Could not look"

    feed = models.ForeignKey(ListFeed, on_delete=models.CASCADE, related_name="checks")
    outcome = models.CharField(max_length=8, choices=Outcome)
    detail = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    list_import = models.ForeignKey(ListImport, null=True, on_delete=models.SET_NULL, related_name="+")
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField("first")
    last_at = models.DateTimeField("last")

    objects = ListFeedCheckRepository()

    class Meta:
        ordering = ["-id"]
        verbose_name = "look at a feed"
        verbose_name_plural = "looks at a feed"
        indexes = [models.Index(fields=["feed", "sha256"], condition=~Q(sha256=""), name="feed_files_seen")]

    def __str__(self) -> str:
        return self.get_outcome_display()
