"""The pipeline: which stage may follow which, and the permission a person needs for it.

`leads.pipeline.move_lead` is the only caller of these methods; the field is protected against assignment, and a
database trigger against everything else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django_fsm import transition


class Stage(models.TextChoices):
    INGESTED = "ingested", "Ingested"
    QUALIFIED = "qualified", "Qualified"
    DISQUALIFIED = "disqualified", "Disqualified"
    CONTACTED = "contacted", "Contacted"
    ENGAGED = "engaged", "Engaged"
    HOT = "hot", "Hot"
    OFFER_MADE = "offer_made", "Offer made"
    UNDER_CONTRACT = "under_contract", "Under contract"
    CLOSED = "closed", "Closed"
    DEAD = "dead", "Dead"
    ARCHIVED = "archived", "Archived"


ENDED = (Stage.CLOSED, Stage.DEAD, Stage.ARCHIVED)
"""Stages in which a lead no longer holds its parcel: another lead may be opened for it."""

TALKING = (Stage.ENGAGED, Stage.HOT, Stage.OFFER_MADE, Stage.UNDER_CONTRACT)
"""Stages in which the owner has answered."""


def _stage(source: Any, target: Stage, permission: str) -> Any:
    return transition(field="stage", source=source, target=target, permission=f"leads.{permission}")


class StageTransitions(models.Model):
    """The declared transitions of `Lead.stage`; the bodies hold the dates a stage implies, nothing else."""

    archived_at: datetime | None

    class Meta:
        abstract = True

    @_stage([Stage.INGESTED, Stage.DISQUALIFIED], Stage.QUALIFIED, "qualify_lead")
    def qualify(self) -> None: ...

    @_stage([Stage.INGESTED, Stage.QUALIFIED, Stage.CONTACTED, Stage.ENGAGED], Stage.DISQUALIFIED, "qualify_lead")
    def disqualify(self) -> None: ...

    @_stage(Stage.QUALIFIED, Stage.CONTACTED, "work_lead")
    def contact(self) -> None: ...

    @_stage([Stage.INGESTED, Stage.QUALIFIED, Stage.CONTACTED, Stage.HOT, Stage.OFFER_MADE], Stage.ENGAGED, "work_lead")
    def engage(self) -> None: ...

    @_stage([Stage.INGESTED, Stage.QUALIFIED, Stage.CONTACTED, Stage.ENGAGED, Stage.OFFER_MADE], Stage.HOT, "work_lead")
    def heat(self) -> None: ...

    @_stage([Stage.ENGAGED, Stage.HOT, Stage.UNDER_CONTRACT], Stage.OFFER_MADE, "offer_lead")
    def make_offer(self) -> None: ...

    @_stage(Stage.OFFER_MADE, Stage.UNDER_CONTRACT, "contract_lead")
    def sign_contract(self) -> None: ...

    @_stage(Stage.UNDER_CONTRACT, Stage.CLOSED, "contract_lead")
    def close(self) -> None: ...

    @_stage([stage for stage in Stage if stage not in ENDED], Stage.DEAD, "work_lead")
    def give_up(self) -> None: ...

    @_stage([stage for stage in Stage if stage != Stage.ARCHIVED], Stage.ARCHIVED, "archive_lead")
    def archive(self) -> None:
        self.archived_at = timezone.now()

    @_stage([Stage.DEAD, Stage.ARCHIVED], Stage.QUALIFIED, "archive_lead")
    def reactivate(self) -> None:
        self.archived_at = None
