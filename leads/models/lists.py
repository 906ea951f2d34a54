from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from core.fields import EncryptedTextField
from leads.models.parcels import Parcel
from leads.querysets_imports import ImportRowQuerySet, ListImportQuerySet
from markets.models import Market, Parish


class ListImportRepository(models.Manager.from_queryset(ListImportQuerySet)):  # type: ignore[misc]
    pass


class ListImport(models.Model):
    """One uploaded file on its way into the records. Done: read = created + updated + unchanged + rejected."""

    class Source(models.TextChoices):
        TAX_ROLL = "tax_roll", "Tax roll"
        ADJUDICATED = "adjudicated", "Adjudicated list"
        DELINQUENT = "delinquent", "Delinquent list"
        GIS = "gis", "GIS parcels"
        SKIP_TRACE = "skip_trace", "Skip trace"
        SALES = "sales", "Sales"
        DO_NOT_CALL = "do_not_call", "National do-not-call list"
        STATE_DNC = "state_dnc", "State do-not-call list"
        LITIGATOR = "litigator", "Litigator list"

    OF_NUMBERS = (Source.DO_NOT_CALL, Source.STATE_DNC, Source.LITIGATOR)
    """Kinds of lists that stop telephone numbers and say nothing of land, so that they need no parish."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Waiting for its mapping"
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    market = models.ForeignKey(Market, on_delete=models.PROTECT, related_name="imports")
    parish = models.ForeignKey(
        Parish,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="imports",
        help_text="Empty for lists of telephone numbers: those are stopped everywhere.",
    )
    source = models.CharField(max_length=12, choices=Source)
    filename = models.CharField(max_length=255)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False, help_text="Bytes.")
    encoding = models.CharField(max_length=20, blank=True, editable=False)
    delimiter = models.CharField(max_length=2, blank=True, editable=False)
    sheet = models.CharField(max_length=120, blank=True, editable=False, help_text="Which sheet of a workbook it is.")
    mapping = models.JSONField(default=dict, blank=True, help_text="Our field -> the file's column.")
    mapping_profile = models.ForeignKey(
        "leads.MappingProfile",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="imports",
        help_text="The saved mapping from which this one was taken.",
    )
    feed = models.ForeignKey(
        "leads.ListFeed",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="imports",
        db_index=False,
        help_text="The list feed that it came from.",
    )
    last_roll = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="The roll of the parish that this newer one is compared with.",
    )
    parcels_missing = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="Parcels of earlier rolls that this one does not list."
    )
    is_part = models.BooleanField(
        default=False, editable=False, help_text="So many are missing that it is taken for a part of a roll."
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    error = models.TextField(blank=True)
    rows_total = models.PositiveIntegerField(null=True, blank=True, help_text="Rows the file holds, once counted.")
    rows_read = models.PositiveIntegerField(default=0)
    rows_created = models.PositiveIntegerField(default=0)
    rows_updated = models.PositiveIntegerField(default=0)
    rows_unchanged = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    paced_from = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the present run began to work off rows."
    )
    paced_row = models.PositiveIntegerField(default=0, editable=False, help_text="How many were done by then.")
    finished_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False, help_text="Starts since the last progress.")
    heartbeat_at = models.DateTimeField(null=True, blank=True, help_text="Last sign of life of the worker on it.")
    undone_to = models.PositiveIntegerField(default=0, editable=False, help_text="Last line of the file undone so far.")
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)
    undo_reason = models.CharField(max_length=300, blank=True, editable=False)

    history = HistoricalRecords()
    objects = ListImportRepository()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("rows_created") + F("rows_updated") + F("rows_unchanged") + F("rows_rejected")),
                name="import_accounts_for_every_row",
            ),
            models.UniqueConstraint(
                fields=["feed", "sha256"], condition=Q(feed__isnull=False), name="import_of_feed_once"
            ),
            models.CheckConstraint(
                condition=Q(parish__isnull=False) | Q(source__in=["do_not_call", "state_dnc", "litigator"]),
                name="import_of_land_has_parish",
            ),
        ]
        permissions = [("run_listimport", "Can upload and run list imports")]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("admin:leads_listimport_change", args=[self.pk])

    @property
    def is_of_numbers(self) -> bool:
        return self.source in self.OF_NUMBERS

    @property
    def place_name(self) -> str:
        """The parish that the list is of, or the market in which it was loaded."""
        return self.parish.name if self.parish else self.market.name


class ImportRowRepository(models.Manager.from_queryset(ImportRowQuerySet)):  # type: ignore[misc]
    pass


class ImportRow(models.Model):
    """What became of one row of a list; unchanged rows are only counted.

    Written by the million in the import's own transaction, so the database does not check its keys once more.
    """

    class Outcome(models.TextChoices):
        CREATED = "created", "Created"
        UPDATED = "updated", "Updated"
        REJECTED = "rejected", "Rejected"
        PARTIAL = "partial", "Taken without some values"
        KEPT = "kept", "Left as it is when the list was undone"

    list_import = models.ForeignKey(
        ListImport, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField(help_text="Line of the file; the header is line 1.")
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=300, blank=True)
    parcel = models.ForeignKey(
        Parcel, null=True, blank=True, on_delete=models.SET_NULL, db_index=False, db_constraint=False
    )
    raw = EncryptedTextField(null=True, help_text="The row as read (JSON list of cells), kept for rejected rows.")
    before = models.JSONField(null=True, help_text="Changed fields with their former values.")

    objects = ImportRowRepository()

    class Meta:
        ordering = ["list_import", "line"]
        constraints = [
            models.UniqueConstraint(fields=["list_import", "line", "outcome"], name="import_row_once"),
            models.CheckConstraint(
                condition=~Q(outcome="rejected") | ~Q(reason=""), name="import_row_rejected_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line}: {self.outcome}"
