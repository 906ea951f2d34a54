"""The pages over events old and new: what each role sees, and bringing archived ones back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from leads.archive import archive_events
from leads.models import ArchivedEvent, Event, EventRestore
from leads.restoring import fulfil_restores
from tests.factories import LeadFactory, UserFactory

pytestmark = pytest.mark.django_db
EVENTS = reverse("admin:leads_anyevent_changelist")
ARCHIVE = reverse("admin:leads_eventrestore_changelist")
MONTH = reverse("admin:leads_eventrestore_month")
OLD = datetime(2023, 3, 5, 18, tzinfo=UTC)


def happened(lead, at=OLD, text="about the fence", kind=Event.Kind.NOTE_ADDED):
    return Event.objects.create(
        kind=kind, lead=lead, owner=lead.owner, data={"text": text}, created_at=at, handled_at=at
    )


def shown(response):
    return [event.pk for event in response.context["cl"].result_list]


@pytest.fixture
def lead():
    return LeadFactory(owner__name="THIBODEAUX MARIE")


@pytest.fixture
def archived(lead):
    event = happened(lead)
    archive_events()
    return event


def test_the_list_of_events_shows_archived_ones_below_recent_ones(client, person, lead, archived):
    person("rep")
    recent = happened(lead, timezone.now())

    response = client.get(EVENTS)

    assert shown(response) == [recent.pk, archived.pk]
    assert client.get(reverse("admin:leads_anyevent_change", args=[archived.pk])).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "thibodeaux"}, ["archived", "recent"]),
        ({"q": "nobody"}, []),
        ({"when": "2023"}, ["archived"]),
        ({"when": "2023-03"}, ["archived"]),
        ({"when": "2023-04"}, []),
        ({"when": "30"}, ["recent"]),
        ({"when": "wrong"}, ["archived", "recent", "other"]),
        ({"kind": "OwnerOptedOut"}, ["other"]),
    ],
)
def test_search_and_filters_read_both(client, person, lead, archived, query, found):
    person("rep")
    stranger = LeadFactory(owner__name="SOMEBODY ELSE")
    events = {
        "archived": archived,
        "recent": happened(lead, timezone.now() - timedelta(days=1)),
        "other": happened(stranger, timezone.now() - timedelta(days=50), kind=Event.Kind.OWNER_OPTED_OUT),
    }

    assert set(shown(client.get(EVENTS, query))) == {events[name].pk for name in found}


def test_a_lead_is_found_by_its_number(client, person, lead, archived):
    person("rep")
    happened(LeadFactory())

    assert shown(client.get(EVENTS, {"q": str(lead.pk)})) == [archived.pk]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, lead, warmed, count, django_assert_num_queries
):
    person("rep")
    for days in range(count):
        happened(lead, OLD + timedelta(days=40 * days))
        happened(lead, timezone.now())
    archive_events()
    warmed(EVENTS)

    with django_assert_num_queries(7):
        assert len(shown(client.get(EVENTS))) == 2 * count


@pytest.mark.parametrize("count", [1, 3])
def test_the_lead_page_and_the_whole_timeline_show_both_in_a_fixed_number_of_queries(
    client, person, lead, warmed, count, django_assert_max_num_queries
):
    person("manager")
    for days in range(count):
        happened(lead, OLD + timedelta(days=40 * days), text=f"old {days}")
        happened(lead, timezone.now(), text=f"new {days}")
    archive_events()
    page, whole = (reverse(f"admin:leads_lead_{name}", args=[lead.pk]) for name in ("change", "timeline"))
    warmed(page), warmed(whole)

    assert all(f"{age} {count - 1}" in client.get(page).content.decode() for age in ("old", "new"))
    with django_assert_max_num_queries(8):
        response = client.get(whole)

    text = response.content.decode()
    assert (text.count("· archived"), text.count("<time ")) == (count, 2 * count)
    assert "Bring the archived ones back" in text


def test_older_pages_go_on_where_the_one_before_ended(client, person, lead, monkeypatch):
    person("rep")
    monkeypatch.setattr("leads.admin.whole_timeline.PAGE", 2)
    for n in range(5):
        happened(lead, OLD, text=f"note {n};")
    archive_events()
    url, seen = reverse("admin:leads_lead_timeline", args=[lead.pk]), []

    older = ""
    while not seen or older:
        response = client.get(url, {"before": older} if older else {})
        seen += [entry.detail for entry, _ in response.context["entries"]]
        older = response.context["older"]

    assert seen == [f"note {n};" for n in (4, 3, 2, 1, 0)]
    assert client.get(url, {"before": "nonsense~x"}).status_code == 200


def test_an_empty_timeline_and_an_empty_archive_say_so(client, person, lead):
    person("rep")

    timeline = client.get(reverse("admin:leads_lead_timeline", args=[lead.pk]))
    assert "Nothing has happened yet" in timeline.content.decode()
    assert "Nothing is archived yet" in client.get(ARCHIVE).content.decode()


def test_a_manager_brings_a_month_back(client, person, archived):
    user = person("manager")
    page = client.get(ARCHIVE).content.decode()
    assert "March 2023" in page
    assert "Bring back" in page

    response = client.post(MONTH, {"month": "2023-03"}, follow=True)

    assert "are being brought back" in response.content.decode()
    assert EventRestore.objects.get().created_by == user
    assert fulfil_restores() == 1
    assert Event.objects.get().pk == archived.pk
    assert "March 2023" not in client.get(ARCHIVE).content.decode()


def test_a_month_that_is_none_is_refused(client, person, archived):
    person("manager")

    response = client.post(MONTH, {"month": "soon"}, follow=True)

    assert "Choose one of the months" in response.content.decode()
    assert not EventRestore.objects.exists()


def test_a_manager_brings_a_leads_events_back(client, person, lead, archived):
    person("manager")

    client.post(reverse("admin:leads_lead_bring_back", args=[lead.pk]))

    assert EventRestore.objects.get().lead == lead
    assert fulfil_restores() == 1


def test_a_rep_looks_and_brings_nothing_back(client, person, lead, archived):
    person("rep")

    for url in (ARCHIVE, reverse("admin:leads_lead_timeline", args=[lead.pk])):
        response = client.get(url)
        assert response.status_code == 200
        assert '<button type="submit" class="text-link">Bring' not in response.content.decode()
    assert client.post(MONTH, {"month": "2023-03"}).status_code == 403
    assert client.post(reverse("admin:leads_lead_bring_back", args=[lead.pk])).status_code == 403
    assert ArchivedEvent.objects.count() == 1
    assert not EventRestore.objects.exists()


def test_a_person_without_a_role_sees_nothing(client, lead, archived):
    client.force_login(UserFactory())

    for url in (EVENTS, ARCHIVE, reverse("admin:leads_lead_timeline", args=[lead.pk])):
        assert client.get(url).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_archive_takes_the_same_queries_for_any_number_of_rows(
    client, person, lead, warmed, count, django_assert_num_queries
):
    person("manager")
    for month in range(count):
        happened(lead, OLD + timedelta(days=31 * month))
    archive_events()
    for _ in range(count):
        client.post(MONTH, {"month": "2022-01"})
    warmed(ARCHIVE)

    with django_assert_num_queries(9):
        client.get(ARCHIVE)


def test_the_age_of_a_market_is_set_on_its_page_and_not_too_short(client, person, lead):
    person("manager")
    url = reverse("admin:markets_market_change", args=[lead.market_id])
    assert "Older events move to the archive each night" in client.get(url).content.decode()
    lead.market.events_archived_after_days = 30

    with pytest.raises(ValidationError, match="greater than or equal to 90"):
        lead.market.full_clean()
