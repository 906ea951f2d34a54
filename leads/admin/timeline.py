"""Events in words, as a rep reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads.models import AnyEvent, Event, Lead, OwnerPhone, PhoneNumber, RollChange
from leads.stages import Stage

Kind = Event.Kind
Data = Mapping[str, Any]
SHOWN = 50


@dataclass(frozen=True)
class Entry:
    at: datetime
    title: str
    detail: str
    who: str
    icon: str


def timeline(lead: Lead) -> list[Entry]:
    """The newest events of the lead and of its owner, archived or not."""
    return [entry_of(event) for event in AnyEvent.objects.timeline(lead, SHOWN)]


def entry_of(event: AnyEvent) -> Entry:
    icon, words = _LINES.get(event.kind, ("circle", _plain))
    who = event.actor.get_username() if event.actor else ""
    return Entry(event.created_at, event.get_kind_display(), words(event.data), who, icon)


def _plain(data: Data) -> str:
    return str(data.get("reason") or data.get("text") or "")


def _stage(data: Data) -> str:
    names = dict(Stage.choices)
    moved = f"{names.get(data['from'], data['from'])} → {names.get(data['to'], data['to'])}"
    return f"{moved}: {data['reason']}" if data.get("reason") else moved


def _score(data: Data) -> str:
    return f"{data['from']} → {data['to']}"


def _campaign_stop(data: Data) -> str:
    return f"“{data['campaign']}”: {data['reason']}"


def _call(data: Data) -> str:
    outcome = str(data.get("outcome", "")).replace("_", " ")
    return f"{outcome}: {data['note']}" if data.get("note") else outcome


def _label(data: Data) -> str:
    return str(data.get("label", "")).replace("_", " ")


def _reply(data: Data) -> str:
    if data.get("opt_out"):
        return "says stop"
    return "may say stop, a person decides" if data.get("doubtful") else ""


def _roll(data: Data) -> str:
    return "; ".join(map(_roll_change, data.get("changes", ())))


def _roll_change(change: Data) -> str:
    kind = RollChange.Kind(change["kind"]).label.lower()
    words = " → ".join(filter(None, (change["before"], change["after"])))
    return f"{kind}: {words}" if words else kind


def _owner_change(data: Data) -> str:
    if data.get("undone_list_import"):
        return "back, as the list was undone"
    told = f"recorded: {data['reason']}" if data.get("reason") else "a newer list names another owner"
    became = {"close": "; the lead was closed", "decide": "; a person decides about the lead"}
    return told + became.get(data.get("lead") or "", "")


def _settled(data: Data) -> str:
    said = {"follow": "the lead follows the new owner", "close": "closed, with a lead for the new owner"}
    words = said.get(str(data["choice"]), "left as it is")
    return f"{words}: {data['reason']}" if data.get("reason") else words


def _number_ended(data: Data) -> str:
    why = dict(OwnerPhone.EndReason.choices).get(str(data["why"]), data["why"])
    following = f"next is {data['next']}" if data.get("next") else "the owner has no other"
    return f"{_number(data)}: {str(why).lower()}; {following}"


def _number(data: Data) -> str:
    return f"{data['number']} ({data['note']})" if data.get("note") else str(data["number"])


def _ported(data: Data) -> str:
    lines = dict(PhoneNumber.LineType.choices)
    before, after = (
        " · ".join(filter(None, (str(lines.get(line["line_type"], "")), line["carrier"])))
        for line in (data["before"], data["after"])
    )
    return f"{data['number']}: {before} → {after}"


def _moved(data: Data) -> str:
    words = f"{data['from']} → {data['to']}"
    return f"{words}: {data['reason']}" if data.get("reason") else words


def _together(data: Data) -> str:
    words = f"{data['count']:,} {data['done']}"
    return f"{words}: {data['reason']}" if data.get("reason") else words


def _cleaned_up(data: Data) -> str:
    return f"{data['removed']:,} removed for good, {data['kept']:,} kept by law"


def _named(key: str, before: str = "") -> Callable[[Data], str]:
    return lambda data: f"{before}{data[key]}" if data.get(key) else ""


_LINES: Mapping[str, tuple[str, Callable[[Data], str]]] = {
    Kind.LEAD_CREATED: ("add_circle", lambda data: f"from a list: {str(data.get('source', '')).replace('_', ' ')}"),
    Kind.LEAD_SCORED: ("speed", _score),
    Kind.STAGE_CHANGED: ("arrow_forward", _stage),
    Kind.OWNER_CHANGED: ("swap_horiz", _owner_change),
    Kind.OWNER_CHANGE_SETTLED: ("how_to_reg", _settled),
    Kind.NUMBER_ENDED: ("phone_disabled", _number_ended),
    Kind.NUMBER_REOPENED: ("phone_enabled", _named("number")),
    Kind.NUMBER_CONFIRMED: ("verified", _number),
    Kind.NUMBER_UNCONFIRMED: ("gpp_maybe", _named("number")),
    Kind.NUMBER_PORTED: ("phone_forwarded", _ported),
    Kind.ROLL_CHANGED: ("difference", _roll),
    Kind.OWNERS_MERGED: ("merge", _named("absorbed", "absorbed ")),
    Kind.OWNERS_PARTED: ("call_split", _named("absorbed", "parted from ")),
    Kind.LEAD_ASSIGNED: ("person", _named("to", "to ")),
    Kind.LEAD_TAGGED: ("label", _named("tag")),
    Kind.LEAD_UNTAGGED: ("label_off", _named("tag")),
    Kind.CAMPAIGN_STOPPED: ("campaign", _campaign_stop),
    Kind.LEAD_MOVED: ("move_item", _moved),
    Kind.LEAD_DELETED: ("delete", _plain),
    Kind.LEAD_RESTORED: ("restore_from_trash", _plain),
    Kind.LEADS_CHANGED: ("checklist", _together),
    Kind.LEADS_CLEANED_UP: ("auto_delete", _cleaned_up),
    Kind.NOTE_ADDED: ("sticky_note_2", _named("text")),
    Kind.CONSENT_GIVEN: ("verified_user", lambda data: str(data.get("basis", "")).replace("_", " ")),
    Kind.LETTER_EXPORTED: ("mail", _named("code", "code ")),
    Kind.CALL_LOGGED: ("call", _call),
    Kind.MESSAGE_SENT: ("send", _named("campaign", "campaign ")),
    Kind.MESSAGE_FAILED: ("error", _plain),
    Kind.REPLY_RECEIVED: ("chat", _reply),
    Kind.REPLY_LABELLED: ("label", _label),
    Kind.OWNER_ASKED_AGAIN: ("chat", _plain),
    Kind.OWNER_OPTED_OUT: ("block", _named("evidence")),
    Kind.NUMBER_STOPPED: ("block", _plain),
    Kind.OPT_OUT_LIFTED: ("lock_open", _plain),
}
