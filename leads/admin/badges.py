"""The colour of each stage and kind, the same on every page."""

from __future__ import annotations

from leads.models import Owner
from leads.stages import Stage

STAGE_COLOURS: dict[str, str] = {
    Stage.INGESTED: "",
    Stage.QUALIFIED: "primary",
    Stage.DISQUALIFIED: "",
    Stage.CONTACTED: "info",
    Stage.ENGAGED: "info",
    Stage.HOT: "danger",
    Stage.OFFER_MADE: "warning",
    Stage.UNDER_CONTRACT: "warning",
    Stage.CLOSED: "success",
    Stage.DEAD: "",
    Stage.ARCHIVED: "",
}
KIND_COLOURS: dict[str, str] = {
    Owner.Kind.ESTATE: "warning",
    Owner.Kind.HEIRS: "warning",
    Owner.Kind.LIFE_ESTATE: "warning",
    Owner.Kind.TRUST: "info",
    Owner.Kind.COMPANY: "info",
    **dict.fromkeys(Owner.NEVER_CONTACTED, "danger"),
}
