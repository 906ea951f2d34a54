"""What a lead is found by, and that it stays right whoever changes what it is made of."""

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.merging import merge_owners, undo_merge
from leads.models import Lead, LeadSearch, Owner
from tests.factories import LeadFactory, MarketFactory, OwnerFactory, OwnerPhoneFactory, ParcelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    market = MarketFactory()
    parcel = ParcelFactory(parish__market=market, number="012-3456-7", situs_address="0  Highland Rd")
    return LeadFactory(market=market, parcel=parcel, owner=OwnerFactory(name="Thibodeaux Marié"))


def text_of(lead):
    return LeadSearch.objects.get(lead=lead).text


def found(words):
    return set(Lead.objects.searched(words).values_list("pk", flat=True))


def test_a_new_lead_is_found_by_owner_number_and_situs_in_one_text(lead):
    assert text_of(lead) == " THIBODEAUX MARIÉ 012-3456-7 0 HIGHLAND RD"


@pytest.mark.parametrize(
    "words",
    [
        "thibodeaux",
        "marié thibo",
        "HIGHLAND thibodeaux",
        "012-3456",
        "3456-7",
        "0 highland",
        "th",
        "highland & th",
        "r",
    ],
)
def test_words_find_it_in_any_order_and_short_ones_where_a_word_begins(lead, words):
    LeadFactory(owner__name="SOMEBODY", parcel=ParcelFactory(number="9", situs_address="9 ELSEWHERE"))

    assert found(words) == {lead.pk}


@pytest.mark.parametrize("words", ["thibodeaux jean", "odeaux%", "h_ghland", "ig", "&", "\\"])
def test_other_words_do_not(lead, words):
    assert found(words) == set()


def test_it_follows_the_owner_s_name_and_the_parcel_s_situs_and_number(lead):
    Owner.objects.filter(pk=lead.owner_id).update(name="LANDRY PAUL")
    parcel = lead.parcel
    parcel.situs_address = "7 RIVER RD"
    parcel.save()

    assert text_of(lead) == " LANDRY PAUL 012-3456-7 7 RIVER RD"


def test_it_follows_edits_in_the_admin(client, person, lead):
    person("manager")
    form = {"name": "Hebert Anne", "kind": "person", "language": "en", "mailing_street": "1 A ST", "mailing_city": "X",
            "mailing_state": "LA", "mailing_zip": "70810", "phone_links-TOTAL_FORMS": 0,
            "phone_links-INITIAL_FORMS": 0}  # fmt: skip

    client.post(reverse("admin:leads_owner_change", args=[lead.owner_id]), form)

    assert found("hebert") == {lead.pk}


def test_it_follows_a_merge_of_owners_and_its_undoing(lead):
    kept = OwnerFactory(name="THIBODEAUX M J")

    merge = merge_owners(kept, lead.owner, by=None, reason="").value
    assert text_of(lead).startswith(" THIBODEAUX M J ")

    assert undo_merge(merge, by=None)
    assert text_of(lead).startswith(" THIBODEAUX MARIÉ ")


def test_many_changed_at_once_each_get_their_own(lead):
    LeadFactory.create_batch(3)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE leads_parcel SET situs_address = 'LOT ' || id")

    assert {s.text.partition(" LOT ")[2] for s in LeadSearch.objects.all()} == {
        str(lead.parcel_id) for lead in Lead.objects.all()
    }


def test_a_lead_that_is_deleted_takes_its_text_along(lead):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_historicallead")
        cursor.execute("DELETE FROM leads_lead")

    assert not LeadSearch.objects.exists()


@pytest.mark.parametrize("typed", ["2252345678", "(225) 234-5678", "+1 225.234.5678", "1-225-234-5678"])
def test_a_whole_phone_number_finds_its_owner_s_leads(lead, typed):
    OwnerPhoneFactory(owner=lead.owner, phone__number="+12252345678")
    LeadFactory()

    assert list(Lead.objects.found_by(typed)) == [lead]


def test_a_parcel_number_that_reads_like_a_phone_number_is_still_found(lead):
    other = LeadFactory(parcel=ParcelFactory(number="2252345678"))

    assert list(Lead.objects.found_by("2252345678")) == [other]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(scores=st.lists(st.sampled_from([None, 0, 50, 50, 50, 100]), max_size=12), size=st.integers(1, 5))
def test_pages_read_backwards_are_the_pages_read_forwards(scores, size):
    market = MarketFactory()
    for score in scores:
        LeadFactory(score=score, market=market)
    leads = Lead.objects.in_market(market)

    forwards, position = [], None
    while page := leads.page_after(position, size):
        forwards += page
        position = (page[-1].score, page[-1].pk)
    backwards, position = [], None
    while page := leads.page_before(position, size):
        backwards = page + backwards
        position = (page[0].score, page[0].pk)

    assert forwards == backwards == list(leads)


@pytest.mark.parametrize(
    "parts",
    [
        ("SMITH JOHN A & MARY B", "012-3456-7", "0 HIGHLAND RD"),
        ("SMITH JOHN", "", ""),
        ("", "", ""),
        (" Smith  John ", "7 ", " 0 Highland Rd "),
        ("SMITH\tJOHN", "7\n", "\r0 HIGHLAND"),
        ("SMITH\u00a0JOHN", "\u20037", "STRAẞE"),
        ("Thériot, Ñandú", "é", "ß ŉ"),
        (r"GAS\s+OIL  CO", "%_", "'"),
    ],
)
def test_simple_texts_are_spelled_as_all_others_are(parts):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT leads_search_text(o, n, s),"
            r" ' ' || btrim(regexp_replace(upper(o || ' ' || n || ' ' || s), '\s+', ' ', 'g'))"
            " FROM (VALUES (%s, %s, %s)) v(o, n, s)",
            parts,
        )
        text, expected = cursor.fetchone()

    assert text == expected
