from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core.results import Result
from leads.events import record_event
from leads.languages import Language
from leads.models import Event, Owner

if TYPE_CHECKING:
    from core.models import User


def set_language(owner: Owner, language: str, *, by: User | None, reason: str = "") -> Result[Owner]:
    """What the owner is written to in from now on, texts that wait included. Declines with `unknown_language`."""
    if language not in Language.values:
        return Result.declined("unknown_language", f"Nothing is written in “{language}”.")
    if owner.language == language:
        return Result.ok(owner)
    words = f"Written to in {Language(language).label} from now on."
    with transaction.atomic():
        owner.language = language
        owner._history_user = by  # type: ignore[attr-defined]  # read by simple-history
        owner._change_reason = (reason or words)[:100]  # type: ignore[attr-defined]
        owner.save(update_fields=["language", "updated_at"])
        record_event(Event.Kind.NOTE_ADDED, owner=owner, actor=by, text=words)
    return Result.ok(owner, words)
