"""Recording that one parcel has a new owner, and deciding about leads that wait because of it.

Ownerships close and open, and leads follow, close or wait, by the same statements that a list runs on its rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction
from django.utils import timezone

from core.results import Result
from leads.announcements import announce
from leads.events import record_event
from leads.imports import transfer_sql
from leads.imports.runner import lock_parish
from leads.models import Event, Lead, Owner, Ownership, Parcel
from leads.pipeline import move_lead
from leads.stages import ENDED, Stage

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

    from core.models import User

How = Ownership.How
_TABLES = """
CREATE TEMP TABLE transfers ON COMMIT DROP AS
SELECT 1 AS line, %(parcel)s::bigint AS parcel_id, %(to)s::bigint AS owner_id, false AS is_new;
CREATE TEMP TABLE held ON COMMIT DROP AS
SELECT 1 AS line, parcel_id, owner_id FROM leads_ownership WHERE parcel_id = %(parcel)s AND until IS NULL;
"""


class Choice(models.TextChoices):
    FOLLOW = "follow", "Follow the new owner"
    CLOSE = "close", "Close it, open one for the new owner"
    KEEP = "keep", "Leave it as it is"


@dataclass(frozen=True)
class Transfer:
    on: date
    how: str
    price: Decimal | None
    reason: str

    @property
    def told(self) -> str:
        price = str(self.price) if self.price is not None else None
        return json.dumps({"how": self.how, "on": self.on.isoformat(), "price": price, "reason": self.reason})


def transfer_parcel(
    parcel: Parcel,
    to: Owner,
    *,
    on: date,
    by: User | None,
    reason: str,
    price: Decimal | None = None,
    how: str = How.SALE,
) -> Result[Owner]:
    """Closes every open ownership of the parcel on that day and opens the next, and lets its open lead go by the rule
    of the lead's market; the value is the owner, for a merged one whoever it was merged into. `price` in US dollars.

    Declines, with nothing written, with `no_reason`, `same_owner`, `future`, `unknown_kind` or `bad_price`.
    """
    transfer = Transfer(on, how, price, reason.strip())
    with transaction.atomic():
        lock_parish(parcel.parish_id)  # no list of the parish is at work on it meanwhile
        parcel = Parcel.objects.locked(parcel)
        owner = to.merged_into or to
        declined = _why_not(parcel, owner, transfer)
        if declined is not None:  # a declined result is false
            return declined
        lead: Lead | None = Lead.objects.open_on(parcel.pk).select_for_update(of=("self",)).first()
        _run(parcel, owner, transfer, by)
        if lead is not None and Lead.objects.get(pk=lead.pk).stage in ENDED:
            _open_lead(lead, owner, by)
        if transfer.how == How.SALE:
            _note_sale(parcel, transfer.on, by)
    return Result.ok(owner)


def decide_transfer(lead: Lead, choice: str, *, by: User, reason: str) -> Result[Lead]:
    """What becomes of a lead that waits since its parcel changed hands; the value is the lead to go on with.

    Declines with `unknown_choice`, `nothing_to_decide`, `not_permitted`, `no_owner`, or what `move_lead` says.
    """
    if choice not in Choice.values:
        return Result.declined("unknown_choice", f"“{choice}” is no way to decide this.")
    with transaction.atomic():
        locked: Lead = Lead.objects.select_for_update(of=("self",)).select_related("owner").get(pk=lead.pk)
        declined = _why_not_decide(locked, choice, by)
        if declined is not None:
            return declined
        result = _DECISIONS[choice](locked, by, reason)
        if result:
            to = result.value.owner_id if result.value else None
            record_event(Event.Kind.OWNER_CHANGE_SETTLED, lead=locked, actor=by, choice=choice, to=to, reason=reason)
        return result


def _why_not(parcel: Parcel, to: Owner, transfer: Transfer) -> Result[Owner] | None:
    holders = list(Ownership.objects.current().of_parcel(parcel))
    today = timezone.localtime(timezone.now(), parcel.parish.market.zone).date()
    reasons = (
        ("no_reason", not transfer.reason, "Say how you know that the parcel has a new owner."),
        ("unknown_kind", transfer.how not in How.values, f"“{transfer.how}” is no kind of transfer."),
        ("future", transfer.on > today, "The day of the transfer has not come yet."),
        ("bad_price", transfer.price is not None and transfer.price <= 0, "A price is more than nothing."),
        ("same_owner", [row.owner_id for row in holders] == [to.pk], f"{to} owns the parcel already."),
    )
    return next((Result.declined(code, words) for code, applies, words in reasons if applies), None)


def _run(parcel: Parcel, to: Owner, transfer: Transfer, by: User | None) -> None:
    parameters: dict[str, Any] = {
        "parcel": parcel.pk,
        "to": to.pk,
        "on": datetime.combine(transfer.on, time(), parcel.parish.market.zone),
        "source": transfer.how,
        "list_import": None,
        "by": by.pk if by else None,
        "reason": f"New owner: {transfer.reason}"[:100],
        "told": transfer.told,
        "now": timezone.now(),
        "handled": None,
    }
    former = list(Ownership.objects.current().of_parcel(parcel))
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, parameters)
        _execute(cursor, (transfer_sql.CLOSE_OWNERSHIPS, transfer_sql.OPEN_OWNERSHIPS), parameters)
        _execute(cursor, (transfer_sql.RECORD_TRANSFERS, *transfer_sql.AFTER_TRANSFERS), parameters)
        cursor.execute("DROP TABLE transfers, held")
    _write_history(parcel, former, by, transfer.reason)
    transaction.on_commit(announce)


def _execute(cursor: CursorWrapper, statements: Iterable[str], parameters: dict[str, Any]) -> None:
    for statement in statements:
        cursor.execute(statement, parameters)


def _write_history(parcel: Parcel, former: list[Ownership], by: User | None, reason: str) -> None:
    """With whoever recorded it: a list that is behind does not overrule a person."""
    closed = list(Ownership.objects.in_bulk([row.pk for row in former]).values())
    opened = list(Ownership.objects.current().of_parcel(parcel))
    history: Any = Ownership.history
    history.bulk_history_create(closed, update=True, default_user=by, default_change_reason=reason[:100])
    history.bulk_history_create(opened, default_user=by, default_change_reason=reason[:100])


def _note_sale(parcel: Parcel, on: date, by: User | None) -> None:
    if parcel.last_sale_on is not None and parcel.last_sale_on >= on:
        return
    parcel.last_sale_on = on
    parcel._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    parcel.save(update_fields=["last_sale_on", "updated_at"])


def _open_lead(former: Lead, owner: Owner, by: User | None) -> Lead:
    """The new owner's lead on the parcel; one that the team has ended is not opened again."""
    known: Lead | None = Lead.objects.between(former.parcel_id, owner.pk)
    if known is not None:
        return known
    lead: Lead = Lead(market=former.market, parcel=former.parcel, owner=owner, assigned_to=former.assigned_to)
    lead._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    lead.save()
    record_event(Event.Kind.LEAD_CREATED, lead=lead, actor=by, source="new owner", former_lead=former.pk)
    return lead


def _why_not_decide(lead: Lead, choice: str, by: User) -> Result[Lead] | None:
    needed = "leads.contract_lead" if lead.stage == Stage.UNDER_CONTRACT else "leads.work_lead"
    if lead.owner_changed_at is None:
        return Result.declined("nothing_to_decide", "This lead waits for no decision about its owner.")
    if not by.has_perm(needed):
        return Result.declined("not_permitted", "A manager decides about a lead under contract.")
    if choice != Choice.KEEP and _new_owner(lead) is None:
        return Result.declined("no_owner", "Nobody else owns the parcel now.")
    return None


def _new_owner(lead: Lead) -> Owner | None:
    found = Ownership.objects.current().of_parcel(lead.parcel)
    return next((row.owner for row in found if row.owner_id != lead.owner_id), None)


def _follow(lead: Lead, by: User, reason: str) -> Result[Lead]:
    owner = _new_owner(lead)
    assert owner is not None
    lead.owner = owner
    return Result.ok(_settle(lead, by, "Follows the new owner"))


def _close(lead: Lead, by: User, reason: str) -> Result[Lead]:
    owner = _new_owner(lead)
    assert owner is not None
    moved = move_lead(lead, Stage.DEAD, by=by, reason=reason.strip() or transfer_sql.WHY)
    if not moved:
        return moved
    _settle(Lead.objects.get(pk=lead.pk), by, "Closed: new owner")
    return Result.ok(_open_lead(lead, owner, by))


def _keep(lead: Lead, by: User, reason: str) -> Result[Lead]:
    return Result.ok(_settle(lead, by, "Left as it is"))


_DECISIONS: Mapping[str, Callable[[Lead, User, str], Result[Lead]]] = {
    Choice.FOLLOW: _follow,
    Choice.CLOSE: _close,
    Choice.KEEP: _keep,
}


def _settle(lead: Lead, by: User, why: str) -> Lead:
    lead.owner_changed_at = None
    lead._history_user = by  # type: ignore[attr-defined]  # read by simple-history
    lead._change_reason = why  # type: ignore[attr-defined]
    lead.save(update_fields=["owner", "owner_changed_at", "updated_at"])
    return lead
