"""Moving leads to another market: its hours, rules, caps and weights count from then on, and their history stays.

The parcel stays in its parish. What follows elsewhere (a new score, texts of the old market's campaigns) is in
config/reactions.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.results import Result
from leads.changes import Change, Changed, change_leads, why_not
from leads.models import Event
from leads.stages import ENDED

if TYPE_CHECKING:
    from core.models import User
    from leads.querysets import LeadQuerySet
    from markets.models import Market


def move_to_market(leads: LeadQuerySet, market: Market, *, by: User | None, reason: str) -> Result[Changed]:
    """Declines (nothing written) with `not_permitted`, `no_reason`, `market_inactive` or `nothing_changed`.

    Left as they are: leads that are in the market already, deleted or ended.
    """
    declined = why_not(by, "leads.transfer_lead", reason)
    if declined is not None:
        return declined
    if not market.active:
        return Result.declined("market_inactive", f"The market {market} is not active: its leads are not worked.")
    return change_leads(leads, _move(market), by=by, reason=reason)


def _move(market: Market) -> Change:
    return Change(
        kind=Event.Kind.LEAD_MOVED,
        done=f"moved to {market}",
        sets=f"market_id = %(market)s, moved_at = CASE WHEN ({_PARISH_MARKET}) = %(market)s THEN NULL ELSE %(now)s END",
        before="(SELECT code FROM markets_market WHERE id = lead.market_id)",
        data="jsonb_build_object('from', before, 'to', %(to)s::text, 'reason', %(reason)s::text)",
        refusals={
            "deleted": "lead.deleted_at IS NOT NULL",
            "in that market already": "lead.market_id = %(market)s",
            "ended": "lead.stage = ANY(%(ended)s)",
        },
        values={"market": market.pk, "to": market.code, "ended": [str(stage) for stage in ENDED]},
    )


_PARISH_MARKET = """SELECT parish.market_id FROM leads_parcel parcel JOIN markets_parish parish
    ON parish.id = parcel.parish_id WHERE parcel.id = lead.parcel_id"""
