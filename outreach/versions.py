"""The versions of a template: who changed what, when and why, and earlier words put back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from core.results import Result
from outreach.dry_running import drop_dry_runs_with
from outreach.models import MessageTemplate, TemplateVariant
from outreach.previews import Wording, wording_faults
from outreach.word_diff import Piece, word_diff

if TYPE_CHECKING:
    from core.models import User

SHOWN = 100
"""Changes shown, newest first."""
SETTINGS = ("name", "purpose", "market", "language", "active", "learns", "goal", "least_texts")
OF_WORDING = ("name", "weight", "active")


@dataclass(frozen=True)
class Change:
    """One version. `diff`: the words against the version before; `settings`: what else became what.

    `wording` empty: the template's own settings. `may_go_back`: the wording reads differently now.
    """

    id: int
    at: datetime
    by: Any
    why: str
    wording: str
    number: int
    diff: list[Piece]
    settings: list[tuple[str, str, str]]
    may_go_back: bool


def changes(template: MessageTemplate) -> list[Change]:
    """Newest first; saves that changed nothing are left out."""
    now = {variant.pk: variant for variant in template.variants.all()}
    found = [*_of_wordings(now), *_of_template(template)]
    return sorted(found, key=lambda change: (change.at, change.id), reverse=True)[:SHOWN]


def put_back_words(template: MessageTemplate, version: int, *, by: User, reason: str) -> Result[TemplateVariant]:
    """The words of an earlier version as a new one; name, weight and whether it is used stay.

    Declines with `no_reason`, `no_such_version`, `same_words` or `faulty`; then nothing is written.
    """
    if not reason.strip():
        return Result.declined("no_reason", "Say why the earlier words are put back.")
    with transaction.atomic():
        row = TemplateVariant.objects.version_of(template, version)
        variant = TemplateVariant.objects.lock(row.id) if row else None
        if row is None or variant is None:
            return Result.declined("no_such_version", "This version is not one of the template's.")
        if row.body == variant.body:
            return Result.declined("same_words", f"Wording {variant.name} reads like that already.")
        wording = Wording(row.body, template.purpose, template.language)
        faults = list(wording_faults(wording, template.market))
        if faults:
            return Result.declined("faulty", f"Not put back: {' '.join(faults)}")
        variant.body = row.body
        variant._history_user = by  # read by simple-history
        variant._change_reason = reason.strip()[:100]
        variant.save(update_fields=["body"])
        drop_dry_runs_with(template)
    return Result.ok(variant)


def _of_wordings(now: dict[int, TemplateVariant]) -> list[Change]:
    found: list[Change] = []
    before: dict[int, Any] = {}
    numbers: dict[int, int] = {}
    for row in TemplateVariant.objects.history_of(now):
        old = before.get(row.id)
        numbers[row.id] = numbers.get(row.id, 0) + 1
        diff = word_diff(old.body if old else "", row.body) if old is None or old.body != row.body else []
        settings = _changed(old, row, OF_WORDING) if old else []
        if diff or settings:
            may_go_back = row.body != now[row.id].body
            found.append(_change(row, row.name, numbers[row.id], diff, settings, may_go_back))
        before[row.id] = row
    return found


def _of_template(template: MessageTemplate) -> list[Change]:
    found: list[Change] = []
    old = None
    for number, row in enumerate(MessageTemplate.objects.history_of(template), start=1):
        settings: list[tuple[str, str, str]] = _changed(old, row, SETTINGS) if old else []
        if settings:
            found.append(_change(row, "", number, [], settings, False))
        old = row
    return found


def _change(
    row: Any, wording: str, number: int, diff: list[Piece], settings: list[tuple[str, str, str]], may_go_back: bool
) -> Change:
    return Change(
        id=row.history_id,
        at=row.history_date,
        by=row.history_user,
        why=row.history_change_reason or "",
        wording=wording,
        number=number,
        diff=diff,
        settings=settings,
        may_go_back=may_go_back,
    )


def _changed(old: Any, new: Any, names: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Label, before, after."""
    fields = [new._meta.get_field(name) for name in names]
    return [
        (str(field.verbose_name).capitalize(), _in_words(old, field), _in_words(new, field))
        for field in fields
        if getattr(old, field.attname) != getattr(new, field.attname)
    ]


def _in_words(row: Any, field: Any) -> str:
    value = getattr(row, field.attname)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.is_relation:
        return str(getattr(row, field.name)) if value else "every market"
    return str(dict(field.choices or ()).get(value, value))
