"""The pages of list feeds: made by managers, off at first, checked when asked, and the key never shown."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from leads.feeds.checking import check_feed
from leads.models import ListFeed, ListFeedCheck, ListImport
from tests.factories import ParishFactory
from tests.leads.feeds.conftest import ROLL

pytestmark = pytest.mark.django_db
LIST = reverse("admin:leads_listfeed_changelist")
ADD = reverse("admin:leads_listfeed_add")


@pytest.fixture
def root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = tmp_path / "lists"
    (folder / "ebr").mkdir(parents=True)
    settings.IMPORT_FEED_ROOT = str(folder)
    return folder


@pytest.fixture
def parish():
    return ParishFactory(market__code="LA", market__name="Louisiana", name="East Baton Rouge")


@pytest.fixture
def fields(parish):
    return {"name": "EBR roll", "market": parish.market_id, "parish": parish.pk, "source": "tax_roll",
            "kind": "folder", "address": "ebr", "every_minutes": "60"}  # fmt: skip


def page_of(feed):
    return reverse("admin:leads_listfeed_change", args=[feed.pk])


def check_of(feed):
    return reverse("admin:leads_listfeed_check", args=[feed.pk])


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def inline(count):
    names = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")
    return {f"checks-{name}": str(count if "FORMS" in name and name[0] in "TI" else 0) for name in names}


def make(parish, **more):
    defaults = {"name": "EBR roll", "market": parish.market, "parish": parish, "source": "tax_roll", "kind": "folder",
                "address": "ebr"}  # fmt: skip
    return ListFeed.objects.create(**defaults | more)


def test_a_manager_makes_a_feed_and_it_is_off(client, person, root, fields):
    person("manager")
    assert "Off: looked at only when somebody asks." in words(client.get(ADD))

    client.post(ADD, fields)

    feed = ListFeed.objects.get()
    assert (feed.address, feed.active, feed.every_minutes) == ("ebr", False, 60)
    assert "It is off: only “Check now” looks." in words(client.get(page_of(feed)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "../etc"}, "The folder must lie below the one set aside for lists, such as ebr/roll."),
        ({"address": "nowhere"}, "There is no folder nowhere."),
        ({"kind": "https", "address": "http://example.com/x.csv"}, "The address must begin with https://."),
        ({"kind": "https", "address": "https://me:you@example.com/x"}, "A name or password does not belong"),
        ({"parish": ""}, "A list of land is of one parish: choose it."),
        ({"new_key": "Bearer x"}, "Say in which header the key goes, such as Authorization."),
        ({"new_key": "Bearer x", "header_name": "X Key:"}, "This is no name of a header."),
    ],
)
def test_what_cannot_work_is_said_and_nothing_is_stored(client, person, root, fields, wrong, said):
    person("manager")

    assert said in words(client.post(ADD, fields | wrong))
    assert not ListFeed.objects.exists()


def test_a_parish_of_another_market_is_refused(client, person, root, fields):
    person("manager")
    elsewhere = ParishFactory(market__name="Mississippi", name="Hinds")

    assert "Hinds is not in Louisiana." in words(client.post(ADD, fields | {"parish": elsewhere.pk}))
    assert not ListFeed.objects.exists()


def test_a_list_of_numbers_takes_no_parish(client, person, root, fields):
    person("manager")

    client.post(ADD, fields | {"source": "litigator"})

    assert ListFeed.objects.get().parish is None


def test_folders_are_off_until_one_is_set_aside(client, person, root, fields, settings):
    settings.IMPORT_FEED_ROOT = ""
    person("manager")

    assert "an administrator sets IMPORT_FEED_ROOT" in words(client.post(ADD, fields))
    assert not ListFeed.objects.exists()


def test_the_key_is_kept_encrypted_and_never_shown(client, person, fields):
    person("manager")
    at = {"kind": "https", "address": "https://data.example.gov/roll.csv", "header_name": "Authorization"}
    client.post(ADD, fields | at | {"new_key": "Bearer geheim"})
    feed = ListFeed.objects.get()
    assert feed.header_value == "Bearer geheim"

    page = client.get(page_of(feed))
    assert "One is kept." in words(page)
    assert "geheim" not in page.content.decode()
    assert "geheim" not in str(feed.history.values().get())

    client.post(page_of(feed), fields | at | inline(0) | {"active": "on"})
    feed.refresh_from_db()
    assert (feed.header_value, feed.active) == ("Bearer geheim", True)
    client.post(page_of(feed), fields | at | inline(0) | {"forget_key": "on"})
    feed.refresh_from_db()
    assert feed.header_value is None


def test_another_address_is_looked_at_afresh(client, person, root, parish, fields):
    person("manager")
    feed = make(parish, etag="v1", seen={"roll.csv": [1, 2, "done"]}, next_check_at=timezone.now(), every_minutes=60)
    (root / "wbr").mkdir()

    client.post(page_of(feed), fields | inline(0))
    feed.refresh_from_db()
    assert feed.etag == "v1"
    client.post(page_of(feed), fields | inline(0) | {"address": "wbr"})

    feed.refresh_from_db()
    assert (feed.address, feed.etag, feed.seen, feed.next_check_at) == ("wbr", "", {}, None)


def test_check_now_looks_and_the_page_tells_what_it_found(client, person, root, parish):
    user = person("manager")
    feed = make(parish)
    (root / "ebr" / "roll.csv").write_text(ROLL)

    said = client.post(check_of(feed), follow=True)
    assert "A worker looks now." in words(said)
    assert "Somebody is looking now" in words(said)
    feed.refresh_from_db()
    assert feed.asked_by == user
    check_feed(feed.pk)

    page = words(client.get(page_of(feed)))
    assert "Still being written roll.csv may still be growing; the next look takes it" in page
    client.post(check_of(feed))
    check_feed(feed.pk)
    page = words(client.get(page_of(feed)))
    assert "Waits for its columns roll.csv: nobody has said yet which of its columns is what" in page
    assert "page of the list" in page
    assert ListImport.objects.get().status == "draft"


def test_the_columns_that_a_person_explains_are_known_to_the_feed(client, person, root, parish):
    person("manager")
    feed = make(parish, active=True, every_minutes=15)
    (root / "ebr" / "roll.csv").write_text(ROLL)
    for _ in range(2):
        client.post(check_of(feed))
        check_feed(feed.pk)
    draft = ListImport.objects.get()
    client.post(reverse("admin:leads_listimport_mapping", args=[draft.pk]), {**draft.mapping, "start": "1"})

    (root / "ebr" / "next.csv").write_text(ROLL + "003,DOE JANE,1\n")
    for _ in range(2):
        client.post(check_of(feed))
        check_feed(feed.pk)

    newest = ListImport.objects.latest("id")
    assert (newest.filename, newest.status) == ("next.csv", "queued")
    result = client.get(reverse("admin:leads_listimport_change", args=[newest.pk]))
    assert "from the list feed EBR roll" in words(result)


def test_a_rep_sees_feeds_and_changes_nothing(client, person, root, parish, fields):
    feed = make(parish, header_name="X-Key", header_value="geheim")
    person("rep")

    page = client.get(page_of(feed))
    assert page.status_code == 200
    assert "geheim" not in page.content.decode()
    assert "Check now" not in words(page).replace("only “Check now” looks", "")
    assert client.post(ADD, fields).status_code == 403
    assert client.post(check_of(feed)).status_code == 403
    assert client.post(page_of(feed), fields | {"active": "on"}).status_code == 403
    feed.refresh_from_db()
    assert (feed.asked_at, feed.active, ListFeed.objects.count()) == (None, False, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_feeds(
    client, person, warmed, parish, count, django_assert_num_queries
):
    person("manager")
    for number in range(count):
        make(parish, name=f"Feed {number}")
    warmed(LIST)

    with django_assert_num_queries(7):
        client.get(LIST)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_looks(
    client, person, warmed, parish, count, django_assert_num_queries
):
    person("manager")
    feed, now = make(parish), timezone.now()
    for number in range(count):
        brought = ListImport.objects.create(market=parish.market, parish=parish, source="tax_roll", filename="a.csv")
        ListFeedCheck.objects.note(feed, "imported", now, detail="a.csv", sha256=str(number), list_import=brought)
    warmed(page_of(feed))

    with django_assert_num_queries(9):
        client.get(page_of(feed))
