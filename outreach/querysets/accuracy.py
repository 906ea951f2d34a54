"""How right the machines' labels were, and how soon they came."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from datetime import timedelta

    from outreach.models import ReplyLabel


class Percentile(Aggregate):
    """PostgreSQL's percentile_cont; none of nothing."""

    function = "percentile_cont"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    arity = 1

    def __init__(self, expression: Any, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, output_field=DurationField(), **extra)


class Judged(NamedTuple):
    """So many labels of one tier and model, and what people said of them; `truth` is the label where nobody said
    anything."""

    tier: str
    model: str
    label: str
    truth: str
    number: int


class Week(NamedTuple):
    tier: str
    model: str
    read: int
    wrong: int
    read_before: int
    wrong_before: int


class Delay(NamedTuple):
    """From the webhook's arrival to the label; None when there was no reply."""

    number: int
    median: timedelta | None
    p95: timedelta | None


class AccuracyQuerySet(models.QuerySet["ReplyLabel"]):
    def by_machines(self) -> Self:
        return self.exclude(tier="person")

    def judged(self, since: datetime, until: datetime) -> list[Judged]:
        rows: Any = self._with_truth().filter(created_at__gte=since, created_at__lt=until).order_by()
        counted = rows.values_list("tier", "model", "label", "truth").annotate(count=Count("pk"))
        return [Judged(*row) for row in counted.order_by("tier", "model", "label", "truth")]

    def weeks(self, now: datetime, week: timedelta) -> list[Week]:
        """Of the last seven days, and of the four weeks before them."""
        new, wrong = Q(created_at__gte=now - week), ~Q(truth=F("label"))
        rows: Any = self._with_truth().filter(created_at__gte=now - 5 * week, created_at__lt=now).order_by()
        counted = rows.values_list("tier", "model").annotate(
            read=Count("pk", filter=new),
            wrong=Count("pk", filter=new & wrong),
            read_before=Count("pk", filter=~new),
            wrong_before=Count("pk", filter=~new & wrong),
        )
        return [Week(*row) for row in counted.order_by("tier", "model")]

    def corrected(self, since: datetime, until: datetime, limit: int) -> list[Any]:
        """Labels that people contradicted, with `truth`, the newest first."""
        rows: Any = self._with_truth().filter(created_at__gte=since, created_at__lt=until).exclude(truth=F("label"))
        judged = self.model._base_manager.filter(tier="person").order_by().values("message")
        rows = rows.filter(message__in=judged)  # few of many: found before their truth is looked up
        return list(
            rows.select_related("message__owner").defer("message__owner__email").order_by("-created_at")[:limit]
        )

    def delays(self, since: datetime, lately: datetime) -> tuple[Delay, Delay]:
        """Of the replies that a machine labelled since then, and of those since `lately`; one that waits for a person
        has no label to wait for. Replies by the ten thousand are read once for both."""
        took = ExpressionWrapper(F("created_at") - F("message__due_at"), output_field=DurationField())
        rows = self.by_machines().filter(created_at__gte=since).annotate(took=took)
        late = Q(created_at__gte=lately)
        found = rows.aggregate(
            number=Count("pk"),
            median=Percentile("took", 0.5),
            p95=Percentile("took", 0.95),
            late_number=Count("pk", filter=late),
            late_median=Percentile("took", 0.5, filter=late),
            late_p95=Percentile("took", 0.95, filter=late),
        )
        whole, lately_found = (Delay(*(found[part + name] for name in Delay._fields)) for part in ("", "late_"))
        return whole, lately_found

    def _with_truth(self) -> Any:
        """`truth`: what a person said last of the same reply, else the label itself."""
        said = self.model._base_manager.filter(message=OuterRef("message"), tier="person").order_by("-pk")
        return self.by_machines().annotate(truth=Coalesce(Subquery(said.values("label")[:1]), F("label")))
