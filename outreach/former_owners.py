"""A parcel's new owner stops what was still to go to the former one about it: texts and calls.

The gate keeps such texts back from the moment the lead has its new owner; this takes them out of the lists. It looks at
everything that waits, which is little, and so serves one transfer and a list with a thousand of them alike.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from outreach.models import CallTask, Message

REASON = "The parcel has a new owner."


@transaction.atomic
def stop_for_former_owners() -> int:
    """Returns how many texts and calls were cancelled."""
    calls = list(CallTask.objects.lock_for_former_owners())
    for task in calls:
        task.outcome, task.note, task.done_at = CallTask.Outcome.CANCELLED, REASON, timezone.now()
        task.save(update_fields=["outcome", "note", "done_at"])
    return len(calls) + Message.objects.cancel_for_former_owners(REASON)
