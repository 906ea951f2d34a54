"""The list of leads and the lead page: what each role sees and may do there."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from leads.models import Event, Lead
from leads.pipeline import move_lead
from ops.models import PersonalDataAccess
from tests.factories import (
    LeadFactory,
    OwnerFactory,
    OwnerPhoneFactory,
    OwnershipFactory,
    ParcelFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LIST = reverse("admin:leads_lead_changelist")


@pytest.fixture
def lead():
    return LeadFactory(owner__name="THIBODEAUX MARIE")


def page_of(lead):
    return reverse("admin:leads_lead_change", args=[lead.pk])


def step(lead, name):
    return reverse(f"admin:leads_lead_{name}", args=[lead.pk])


def said(response):
    return [str(message) for message in response.context["messages"]]


def qualified(lead):
    assert move_lead(lead, "qualified", by=None, reason="")
    return lead


# the list


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, count, django_assert_num_queries, warmed
):
    person("rep")
    LeadFactory.create_batch(count)
    warmed(LIST)

    with django_assert_num_queries(9):
        response = client.get(LIST)

    assert response.content.count(b'class="field-owner_name') == count


def test_anonymous_people_are_sent_to_the_log_in(client, lead):
    for url in (LIST, page_of(lead)):
        assert "/login/" in client.get(url).headers["Location"]


def test_a_person_without_a_role_sees_no_leads(client, lead):
    client.force_login(UserFactory())

    assert client.get(LIST).status_code == 403
    assert client.get(page_of(lead)).status_code == 403


@pytest.mark.parametrize(
    "query", ["stage=qualified", "market={market}", "min_score=45", "assigned=me", "parish={parish}"]
)
def test_each_filter_narrows_the_list(client, person, lead, query):
    user = person("rep")
    LeadFactory(owner__name="SOMEBODY ELSE")
    Lead.objects.filter(pk=qualified(lead).pk).update(score=50, assigned_to=user)

    names = {"market": lead.market.code, "parish": lead.parcel.parish.name}
    response = client.get(f"{LIST}?{query.format(**names)}")

    assert [row.pk for row in response.context["cl"].result_list] == [lead.pk]


def test_deleted_leads_are_not_listed(client, person, lead):
    person("rep")
    Lead.objects.filter(pk=lead.pk).update(deleted_at=datetime(2026, 1, 5, tzinfo=UTC))

    assert list(client.get(LIST).context["cl"].result_list) == []
    assert client.get(page_of(lead)).status_code == 404


@pytest.mark.parametrize("words", ["thibodeaux", "0 Highland", "(225) 234-5678"])
def test_a_lead_is_found_by_owner_situs_and_whole_phone_number(client, person, lead, words):
    person("rep")
    OwnerPhoneFactory(owner=lead.owner, phone__number="+12252345678")
    LeadFactory(parcel=ParcelFactory(situs_address="9 ELSEWHERE ST"))

    response = client.get(LIST, {"q": words})

    assert [row.pk for row in response.context["cl"].result_list] == [lead.pk]


def test_the_chosen_leads_are_assigned_to_me(client, person, lead):
    user = person("rep")
    other = LeadFactory()

    client.post(LIST, {"action": "assign_to_me", "_selected_action": [lead.pk]})

    lead.refresh_from_db()
    other.refresh_from_db()
    assert (lead.assigned_to, other.assigned_to) == (user, None)
    assert Event.objects.get(kind="LeadAssigned").data == {"to": "a-rep"}


# the page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_phones_and_owners(
    client, person, lead, count, django_assert_num_queries, warmed
):
    person("rep")
    OwnerPhoneFactory.create_batch(count, owner=lead.owner)
    OwnershipFactory.create_batch(count, parcel=lead.parcel)
    LeadFactory.create_batch(count, owner=lead.owner)
    warmed(page_of(lead))

    with django_assert_num_queries(20):
        client.get(page_of(lead))


def test_the_page_shows_the_land_the_owner_and_no_number_in_clear(client, person, lead):
    person("rep")
    OwnerPhoneFactory(owner=lead.owner, phone__number="+12252345678")

    page = client.get(page_of(lead)).content.decode()

    for shown in ("THIBODEAUX MARIE", "0 HIGHLAND RD", "2.5", "$12,000", "(225) •••-••78", lead.parcel.number):
        assert shown in page
    assert "2345678" not in page
    assert "234-5678" not in page


def test_unknown_figures_are_said_to_be_unknown(client, person):
    person("rep")
    lead = LeadFactory(parcel=ParcelFactory(acres=None, land_value=None, situs_address=""))

    page = client.get(page_of(lead)).content.decode()

    assert page.count("unknown") >= 3
    assert "$0" not in page
    assert "None" not in page


def test_former_and_joint_owners_are_named(client, person, lead):
    person("rep")
    OwnershipFactory(parcel=lead.parcel, owner=OwnerFactory(name="COMEAUX PAUL"))
    sold = datetime(2026, 2, 1, tzinfo=UTC)
    OwnershipFactory(parcel=lead.parcel, owner=OwnerFactory(name="OLD OWNER"), until=sold)

    page = client.get(page_of(lead)).content.decode()

    assert "Also owns it" in page
    assert "COMEAUX PAUL" in page
    assert "Former owner" in page
    assert "OLD OWNER" in page


def test_owners_who_are_never_contacted_are_marked(client, person):
    person("rep")
    lead = LeadFactory(owner__kind="government")

    assert "Never contacted" in client.get(page_of(lead)).content.decode()


# moves


def test_a_rep_moves_a_lead_with_a_button(client, person, lead):
    user = person("rep")

    response = client.post(step(lead, "move"), {"to": "qualified", "reason": "Looks good"}, follow=True)

    assert Lead.objects.get(pk=lead.pk).stage == "qualified"
    assert said(response) == ["The lead is now in “Qualified”."]
    event = Event.objects.get(kind="StageChanged")
    assert (event.actor, event.data) == (user, {"from": "ingested", "to": "qualified", "reason": "Looks good"})


def test_only_moves_that_this_person_may_make_are_offered(client, person, lead):
    person("rep")

    offered = [stage for stage, _ in client.get(page_of(lead)).context["moves"]]

    assert offered == ["qualified", "disqualified", "engaged", "hot", "dead"]


@pytest.mark.parametrize(
    ("role", "to", "expected"),
    [("rep", "archived", "You may not"), ("rep", "closed", "cannot go"), ("rep", "nonsense", "cannot go")],
)
def test_a_move_that_is_not_allowed_changes_nothing_and_says_why(client, person, lead, role, to, expected):
    person(role)

    response = client.post(step(lead, "move"), {"to": to, "reason": "because"}, follow=True)

    assert expected in said(response)[0]
    assert Lead.objects.get(pk=lead.pk).stage == "ingested"
    assert not Event.objects.exists()


def test_ending_a_lead_needs_a_reason(client, person, lead):
    person("rep")

    response = client.post(step(lead, "move"), {"to": "dead", "reason": " "}, follow=True)

    assert "write a reason" in said(response)[0]
    assert Lead.objects.get(pk=lead.pk).stage == "ingested"


def test_a_manager_may_archive(client, person, lead):
    person("manager")

    client.post(step(lead, "move"), {"to": "archived", "reason": "Sold to a neighbour"})

    assert Lead.objects.get(pk=lead.pk).stage == "archived"


@pytest.mark.parametrize("name", ["move", "plan", "note"])
def test_the_buttons_answer_to_post_alone(client, person, lead, name):
    person("manager")

    assert client.get(step(lead, name)).status_code == 405


@pytest.mark.parametrize("name", ["plan", "note"])
def test_a_person_without_a_role_may_not_use_the_forms(client, lead, name):
    client.force_login(UserFactory())

    assert client.post(step(lead, name), {"text": "x"}).status_code == 403
    assert not Event.objects.exists()


# next action and notes


def test_the_next_action_is_kept_in_local_time(client, person, lead):
    user = person("rep")

    client.post(step(lead, "plan"), {"assigned_to": user.pk, "next_action_at": "2026-12-01T09:30"})

    lead.refresh_from_db()
    assert lead.assigned_to == user
    assert lead.next_action_at == datetime(2026, 12, 1, 15, 30, tzinfo=UTC)
    assert lead.history.first().history_user == user


def test_a_date_that_cannot_be_read_is_refused(client, person, lead):
    person("rep")

    response = client.post(step(lead, "plan"), {"next_action_at": "tomorrow"}, follow=True)

    assert "next_action_at" in said(response)[0]
    assert Lead.objects.get(pk=lead.pk).next_action_at is None


def test_a_note_goes_on_the_timeline_as_it_was_written(client, person, lead):
    person("rep")

    page = client.post(step(lead, "note"), {"text": "Wants <b>20k</b>"}, follow=True).content.decode()

    assert "Wants &lt;b&gt;20k&lt;/b&gt;" in page
    assert Event.objects.get(kind="NoteAdded").data == {"text": "Wants <b>20k</b>"}


# seeing a number


def test_showing_a_number_is_logged(client, person, lead):
    user = person("rep")
    link = OwnerPhoneFactory(owner=lead.owner, phone__number="+12252345678")

    answer = client.post(reverse("admin:reveal_phone", args=[link.phone.pk]), {"owner": lead.owner.pk})

    assert answer.json() == {"number": "+12252345678", "shown": "(225) 234-5678"}
    look = PersonalDataAccess.objects.get()
    assert (look.user, look.phone, look.owner, look.what) == (user, link.phone, lead.owner, "phone number")


def test_a_number_is_not_shown_without_the_permission(client, lead):
    client.force_login(UserFactory())
    link = OwnerPhoneFactory(owner=lead.owner)

    answer = client.post(reverse("admin:reveal_phone", args=[link.phone.pk]), {"owner": lead.owner.pk})

    assert answer.status_code == 403
    assert not PersonalDataAccess.objects.exists()
