"""What is done to one lead or to a selection: a page says what follows and asks why, then a service does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from core.admin import INPUT_CLASSES
from core.models import User
from core.results import Result
from leads.archiving import archive_leads, reactivate_leads
from leads.assignment import assign_leads
from leads.changes import Changed
from leads.deleting import delete_leads, restore_leads
from leads.models import Lead, Tag
from leads.moving import move_to_market
from leads.stages import ENDED, Stage
from leads.tagging import LONGEST, tag_leads, untag_leads
from leads.tagging import PERMISSION as MAY_TAG
from markets.models import Market

if TYPE_CHECKING:
    from leads.querysets import LeadQuerySet

Perform = Callable[["LeadQuerySet", dict[str, Any], User], Result[Changed]]


class DeedForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = INPUT_CLASSES


class ReasonForm(DeedForm):
    reason = forms.CharField(label="Why", max_length=200, help_text="Stays on the timeline.")


class MarketForm(ReasonForm):
    market = forms.ModelChoiceField(queryset=Market.objects.none(), label="To", empty_label="Choose a market")
    field_order = ("market", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["market"].queryset = Market.objects.in_use()  # type: ignore[attr-defined]


class PersonForm(DeedForm):
    person = forms.ModelChoiceField(
        queryset=User.objects.none(), label="Give them to", required=False, empty_label="Nobody"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.team()  # type: ignore[attr-defined]


class TagForm(DeedForm):
    tag = forms.CharField(
        max_length=LONGEST,
        help_text="A word or two of your own, such as “river lots”. Large and small letters are the same.",
        widget=forms.TextInput(attrs={"list": "tags", "autocomplete": "off"}),
    )

    @property
    def suggestions(self) -> list[str]:
        return Tag.objects.names()


@dataclass(frozen=True)
class Deed:
    """`button` for one lead, `action` for a selection. `follows` says what it means, besides what waits to be sent."""

    name: str
    button: str
    action: str
    permission: str
    perform: Perform
    fits: Callable[[Lead], bool]
    follows: tuple[str, ...]
    form: type[DeedForm] = ReasonForm
    stops_contact: bool = False


def _assign(leads: LeadQuerySet, wanted: dict[str, Any], by: User) -> Result[Changed]:
    person = wanted["person"]
    count = assign_leads(leads, to=person, by=by)
    whom = f"given to {person.get_username()}" if person else "taken from whoever had them"
    if not count:
        return Result.declined("nothing_changed", f"Nothing changed: no lead had to be {whom}.")
    return Result.ok(Changed(count, {}), f"{count:,} lead{'' if count == 1 else 's'} {whom}.")


def _tag(leads: LeadQuerySet, wanted: dict[str, Any], by: User) -> Result[Changed]:
    return tag_leads(leads, wanted["tag"], by=by)


def _untag(leads: LeadQuerySet, wanted: dict[str, Any], by: User) -> Result[Changed]:
    return untag_leads(leads, wanted["tag"], by=by)


def _with_reason(service: Callable[..., Result[Changed]]) -> Perform:
    return lambda leads, wanted, by: service(leads, by=by, reason=wanted["reason"])


def _move(leads: LeadQuerySet, wanted: dict[str, Any], by: User) -> Result[Changed]:
    return move_to_market(leads, wanted["market"], by=by, reason=wanted["reason"])


ASSIGN = Deed(
    name="assign",
    button="",
    action="Assign…",
    permission="leads.assign_lead",
    perform=_assign,
    fits=lambda lead: False,  # the lead page has a form of its own for it
    follows=("Their planned next actions stay.", "Calls already on somebody's list stay there."),
    form=PersonForm,
)
TAG = Deed(
    name="tag",
    button="Tag",
    action="Tag…",
    permission=MAY_TAG,
    perform=_tag,
    fits=lambda lead: False,  # the lead page has a form of its own for it
    follows=("Campaigns and the list of leads choose by tags.", "Each market has its own: the word is made where new."),
    form=TagForm,
)
UNTAG = Deed(
    name="untag",
    button="Take a tag off",
    action="Take a tag off…",
    permission=MAY_TAG,
    perform=_untag,
    fits=lambda lead: False,
    follows=("Other tags stay.", "Whoever a campaign has taken in already stays in it."),
    form=TagForm,
)
MOVE = Deed(
    name="market",
    button="Move to another market",
    action="Move to another market…",
    permission="leads.transfer_lead",
    perform=_move,
    fits=lambda lead: lead.deleted_at is None and lead.stage not in ENDED,
    follows=(
        "The new market's hours, time zone, caps and rules count at once; the stage, the history and whose lead it is "
        "stay.",
        "The score is computed anew by the new market's weights.",
        "The land stays in its parish; where the land's own state has stricter rules, they count as well.",
    ),
    form=MarketForm,
)
ARCHIVE = Deed(
    name="archive",
    button="Archive",
    action="Archive…",
    permission="leads.archive_lead",
    perform=_with_reason(archive_leads),
    fits=lambda lead: lead.deleted_at is None and lead.stage != Stage.ARCHIVED,
    follows=(
        "Nobody is texted, called or written to about an archived lead.",
        "It can be reactivated at any time and is then qualified.",
    ),
    stops_contact=True,
)
REACTIVATE = Deed(
    name="reactivate",
    button="Reactivate",
    action="Reactivate…",
    permission="leads.archive_lead",
    perform=_with_reason(reactivate_leads),
    fits=lambda lead: lead.deleted_at is None and lead.stage in (Stage.DEAD, Stage.ARCHIVED),
    follows=(
        "The lead is qualified again; campaigns, letters and calls may choose it.",
        "What was cancelled when it was put away stays cancelled; whoever said stop stays left alone.",
    ),
)
DELETE = Deed(
    name="delete",
    button="Delete",
    action="Delete…",
    permission="leads.delete_lead",
    perform=_with_reason(delete_leads),
    fits=lambda lead: lead.deleted_at is None and lead.stage != Stage.UNDER_CONTRACT,
    follows=(
        "The lead is gone from lists, searches and the API, and nobody is contacted about it.",
        "Owner, parcel, texts, consents and stops stay.",
        "Managers find deleted leads under the filter “put away” and can restore them.",
    ),
    stops_contact=True,
)
RESTORE = Deed(
    name="restore",
    button="Restore",
    action="Restore…",
    permission="leads.delete_lead",
    perform=_with_reason(restore_leads),
    fits=lambda lead: lead.deleted_at is not None,
    follows=(
        "The lead is back in the stage it was in.",
        "Not if another lead is open on its parcel by now.",
        "What was cancelled when it was deleted stays cancelled.",
    ),
)
DEEDS = {deed.name: deed for deed in (ASSIGN, TAG, UNTAG, MOVE, ARCHIVE, REACTIVATE, DELETE, RESTORE)}


def deeds_for(lead: Lead, by: User) -> Iterable[Deed]:
    return [deed for deed in DEEDS.values() if deed.fits(lead) and by.has_perm(deed.permission)]
