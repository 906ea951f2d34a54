"""What people, and the owners they text, do to the records between two lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st

from core.models import User
from leads.assignment import add_note, plan_lead
from leads.merging import merge_owners, undo_merge
from leads.models import Lead, Owner, OwnerMerge, OwnerPhone, Ownership, Parcel, PhoneNumber
from leads.owner_names import mailing_key, name_key, read_name_of
from leads.pipeline import move_lead
from outreach.consents import record_consent
from outreach.models import Consent
from outreach.opt_outs import opt_out
from tests.factories import MessageFactory, UserFactory
from tests.leads.imports.worlds import nth

Does = Callable[[User, int, int], None]


def correct_parcel(by: User, pick: int, choice: int) -> None:
    parcel = nth(Parcel.objects.all(), pick)
    if parcel is None:
        return
    field, value = (("acres", Decimal("7.7777")), ("ward", "88"), ("situs_address", "88 RIVER RD"),
                    ("land_value", None), ("years_delinquent", 9), ("acres", Decimal("2.5")))[choice % 6]  # fmt: skip
    setattr(parcel, field, value)
    save(parcel, by)


def place_parcel(by: User, pick: int, choice: int) -> None:
    parcel = nth(Parcel.objects.all(), pick)
    if parcel is not None:
        parcel.latitude, parcel.longitude = Decimal("31.100000"), Decimal("-92.200000")
        save(parcel, by)


def correct_owner(by: User, pick: int, choice: int) -> None:
    """As the admin page of an owner does it."""
    owner = nth(Owner.objects.all(), pick)
    if owner is None:
        return
    field, value = (("mailing_street", "88 RIVER RD"), ("mailing_zip", "70999"), ("mailing_city", "KENNER"),
                    ("name", "BOUDREAUX JEANNE"))[choice % 4]  # fmt: skip
    setattr(owner, field, value)
    owner.name_key = name_key(owner.name)
    read_name_of(owner)
    owner.mailing_key = mailing_key(owner.mailing_street, owner.mailing_city, owner.mailing_state, owner.mailing_zip)
    save(owner, by)


def end_link(by: User, pick: int, choice: int) -> None:
    link = nth(OwnerPhone.objects.filter(until=None), pick)
    if link is not None:
        link.until = max(timezone.now(), link.since)
        save(link, by)


def mark_do_not_call(by: User, pick: int, choice: int) -> None:
    link = nth(OwnerPhone.objects.all(), pick)
    if link is not None:
        link.do_not_call = True
        save(link, by)


def stop(by: User, pick: int, choice: int) -> None:
    phone = nth(PhoneNumber.objects.all(), pick)
    if phone is not None:
        opt_out(phone, evidence="STOP")


def consent(by: User, pick: int, choice: int) -> None:
    link = nth(OwnerPhone.objects.all(), pick)
    if link is not None:
        record_consent(link.owner, Consent.Basis.WEB_FORM, evidence="card", by=by, phone=link.phone)


def move(by: User, pick: int, choice: int) -> None:
    lead = nth(Lead.objects.all(), pick)
    if lead is not None:
        move_lead(lead, ("dead", "disqualified", "qualified", "archived", "hot")[choice % 5], by=by, reason="called")


def assign(by: User, pick: int, choice: int) -> None:
    lead = nth(Lead.objects.all(), pick)
    if lead is not None:
        plan_lead(lead, assigned_to=by, next_action_at=None, by=by)


def note(by: User, pick: int, choice: int) -> None:
    lead = nth(Lead.objects.all(), pick)
    if lead is not None:
        add_note(lead, "Called.", by=by)


def text(by: User, pick: int, choice: int) -> None:
    """A reply of a lead's owner from one of their numbers."""
    lead = nth(Lead.objects.all(), pick)
    link = nth(OwnerPhone.objects.filter(owner=lead.owner), choice) if lead else None
    if link is not None:
        MessageFactory(lead=lead, owner=lead.owner, phone=link.phone)


def merge(by: User, pick: int, choice: int) -> None:
    kept, absorbed = nth(Owner.objects.all(), pick), nth(Owner.objects.all(), choice)
    if kept is not None and kept != absorbed:
        merge_owners(kept, absorbed, by=by, reason="same man")


def part(by: User, pick: int, choice: int) -> None:
    made = nth(OwnerMerge.objects.filter(undone_at=None), pick)
    if made is not None:
        undo_merge(made, by=by)


def add_co_owner(by: User, pick: int, choice: int) -> None:
    parcel, owner = nth(Parcel.objects.all(), pick), nth(Owner.objects.filter(merged_into=None), choice)
    if parcel and owner and not Ownership.objects.filter(parcel=parcel, owner=owner, until=None).exists():
        save(Ownership(parcel=parcel, owner=owner, since=timezone.now(), source="courthouse"), by)


def save(record: Any, by: User) -> None:
    record._history_user = by
    record.save()


FIELD_ACTS = (correct_parcel, place_parcel, correct_owner)
LINK_ACTS = (end_link, mark_do_not_call, stop, consent)
LEAD_ACTS = (move, assign, note, text)
OWNER_ACTS = (merge, part, add_co_owner)
ALL_ACTS = FIELD_ACTS + LINK_ACTS + LEAD_ACTS + OWNER_ACTS


@dataclass(frozen=True)
class Act:
    """One of the above, on the pick-th record of its kind, in one of its ways."""

    does: Does
    pick: int
    choice: int

    def __call__(self) -> None:
        by = User.objects.filter(username="a-person").first()
        self.does(by or UserFactory(username="a-person", is_superuser=True), self.pick, self.choice)

    def __repr__(self) -> str:
        return f"{self.does.__name__}({self.pick}, {self.choice})"


def acts(*of: Does, most: int = 4) -> st.SearchStrategy[list[Act]]:
    small = st.integers(0, 5)
    return st.lists(st.builds(Act, st.sampled_from(of), small, small), max_size=most)
