"""Owners, parcels, texts, calls and pairs found by names and numbers: the same whether the words are rare or common."""

import pytest
from django.urls import reverse

from leads import querysets_search
from leads.models import DuplicatePair, Lead, Owner, Parcel
from outreach.models import CallTask, Message
from tests.factories import SINCE, LeadFactory, MessageFactory, OwnerFactory, ParcelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["rare", "common"])
def words_are(request, monkeypatch):
    """Common words are those of which PostgreSQL expects many leads: here of any."""
    if request.param == "common":
        monkeypatch.setattr(querysets_search, "RARE", 0)
    return request.param


@pytest.fixture
def lead():
    parcel = ParcelFactory(number="012-3456-7", situs_address="0 Highland Rd")
    LeadFactory(owner__name="HIGHLAND FARMS LLC", parcel=ParcelFactory(situs_address="9 ELSEWHERE"))
    return LeadFactory(parcel=parcel, owner=OwnerFactory(name="Thibodeaux Marié"))


@pytest.mark.parametrize("words", ["thibodeaux", "MARIÉ thib", "bodea"])
def test_an_owner_is_found_by_words_of_the_name(lead, words, words_are):
    assert list(Owner.objects.named(words)) == [lead.owner]


@pytest.mark.parametrize("words", ["thibodeaux jean", "3456", "&", " ", "%"])
def test_not_by_other_words_nor_by_the_land(lead, words, words_are):
    assert not Owner.objects.named(words).exists()


def test_an_owner_without_a_lead_is_found_by_how_the_name_begins():
    owner = OwnerFactory(name="ZAUNBRECHER, OTTO")

    assert list(Owner.objects.named("zaunbrecher otto")) == [owner]


@pytest.mark.parametrize("words", ["012-3456-7", "3456", "highland", "rd 012"])
def test_a_parcel_is_found_by_number_and_situs(lead, words, words_are):
    assert list(Parcel.objects.found_by(words)) == [lead.parcel]


def test_a_parcel_is_not_found_by_its_owner(lead, words_are):
    assert not Parcel.objects.found_by("thibodeaux").exists()


def test_a_parcel_without_a_lead_is_found_by_its_whole_number():
    parcel = ParcelFactory(number="77-1")

    assert list(Parcel.objects.found_by("77-1")) == [parcel]


def test_texts_calls_and_pairs_are_found_by_owner(lead, words_are):
    text = MessageFactory(owner=lead.owner, sid="SM" + "1" * 32)
    MessageFactory(owner=OwnerFactory(name="LANDRY"))
    call = CallTask.objects.create(lead=lead, owner=lead.owner, reason="x", due_at=SINCE)
    other = LeadFactory()
    CallTask.objects.create(lead=other, owner=other.owner, reason="x", due_at=SINCE)
    pair = DuplicatePair.objects.create(first=lead.owner, second=OwnerFactory(), score="0.9")
    DuplicatePair.objects.create(first=OwnerFactory(), second=OwnerFactory(), score="0.9")

    assert list(Message.objects.found_by("thibodeaux")) == [text]
    assert list(Message.objects.found_by("SM" + "1" * 32)) == [text]
    assert list(CallTask.objects.found_by("thibodeaux highland")) == [call]
    assert list(DuplicatePair.objects.found_by("marié thibodeaux")) == [pair]


@pytest.mark.parametrize(
    "page", ["leads_owner", "leads_parcel", "outreach_message", "outreach_calltask", "leads_duplicatepair"]
)
@pytest.mark.parametrize("words", ["thibodeaux", "012-3456", "&", "%00", "' OR 1=1"])
def test_every_list_takes_any_words(client, person, lead, page, words):
    person("manager")

    assert client.get(reverse(f"admin:{page}_changelist"), {"q": words}).status_code == 200


def test_many_leads_are_counted_by_stage_as_the_list_counts_them(lead, monkeypatch):
    few = Lead.objects.about_by_stage()
    monkeypatch.setattr("leads.querysets.MANY_LEADS", 1)

    assert Lead.objects.about_by_stage() == few
    assert {stage: count.number for stage, count in few.items()} == Lead.objects.by_stage()
    assert few["ingested"] == (2, False)
