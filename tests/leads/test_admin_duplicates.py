"""The duplicate pages: the queue, one pair side by side, the merges; who may decide; no number in clear."""

import pytest
from django.urls import reverse

from leads import tasks
from leads.duplicates.search import find_duplicates
from leads.merging import merge_owners
from leads.models import DuplicatePair, Event, Owner, OwnerMerge
from outreach.consents import record_consent
from outreach.suppressions import suppress_owner
from tests.factories import (
    LeadFactory,
    OwnerFactory,
    OwnerPhoneFactory,
    OwnershipFactory,
    ParcelFactory,
    PhoneNumberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
QUEUE = reverse("admin:leads_duplicatepair_changelist")
MERGES = reverse("admin:leads_ownermerge_changelist")
SEARCH = reverse("admin:leads_duplicatepair_search")


def step(name, record):
    return reverse(f"admin:leads_{record._meta.model_name}_{name}", args=[record.pk])


@pytest.fixture(autouse=True)
def no_search():
    from django.core.cache import cache

    cache.clear()


@pytest.fixture
def pair():
    """Found by the search: an owner with one of everything, and another with the same phone and address."""
    phone = PhoneNumberFactory(number="+12253441234")
    first, second = OwnerFactory(name="SMITH JOHN A"), OwnerFactory(name="SMITH JOHN")
    for owner in (first, second):
        OwnerPhoneFactory(owner=owner, phone=phone)
        LeadFactory(owner=owner, parcel=OwnershipFactory(owner=owner, parcel=ParcelFactory()).parcel)
    record_consent(first, "verbal", evidence="script")
    suppress_owner(second, "opt_out", evidence="wrote stop")
    find_duplicates()
    return DuplicatePair.objects.get()


def worse_pair(score="0.71"):
    first, second = OwnerFactory(name="GUIDRY ANN"), OwnerFactory(name="GUIDRY A")
    return DuplicatePair.objects.create(first=first, second=second, score=score, evidence={"for": ["same phone"]})


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_takes_the_same_queries_for_any_number_of_pairs(
    client, person, warmed, count, django_assert_num_queries
):
    person("rep")
    for number in range(count):
        worse_pair(f"0.7{number}")
    warmed(QUEUE)

    with django_assert_num_queries(5):
        response = client.get(QUEUE)

    scores = [pair.score for pair in response.context["cl"].result_list]
    assert len(scores) == count
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("count", [1, 3])
def test_the_merges_take_the_same_queries_for_any_number(client, person, warmed, count, django_assert_num_queries):
    person("rep")
    for _ in range(count):
        merge_owners(OwnerFactory(), OwnerFactory(), by=UserFactory(), reason="")
    warmed(MERGES)

    with django_assert_num_queries(7):
        response = client.get(MERGES)

    assert len(response.context["cl"].result_list) == count


@pytest.mark.parametrize("count", [1, 3])
def test_a_pair_takes_the_same_queries_for_any_number_of_facts(
    client, person, warmed, pair, count, django_assert_num_queries
):
    person("manager")
    for _ in range(count - 1):
        OwnerPhoneFactory(owner=pair.first)
        LeadFactory(owner=pair.first, parcel=OwnershipFactory(owner=pair.first).parcel)
        record_consent(pair.first, "verbal", evidence="again")
    warmed(step("change", pair))

    with django_assert_num_queries(20):
        client.get(step("change", pair))


def test_the_pair_page_shows_both_sides_and_the_evidence(client, person, pair):
    person("manager")

    page = client.get(step("change", pair)).content.decode()

    for words in (
        "SMITH JOHN A", "same name, one without the middle name", "same phone", "same mailing address", "100 MAIN ST",
        "(225) •••-••34", "Consent: said so on the phone (script read)", "Opted out", "Merge into left",
        "Different people", pair.first.leads.get().parcel.number,
    ):  # fmt: skip
        assert words in page, words
    assert "344-1234" not in page
    assert "2253441234" not in page


def test_two_numbers_that_look_alike_masked_are_not_called_the_same(client, person):
    person("rep")
    pair = worse_pair()
    for owner, number in ((pair.first, "+12253441234"), (pair.second, "+12253449934")):
        OwnerPhoneFactory(owner=owner, phone=PhoneNumberFactory(number=number))

    lines = {line.label: line for line in client.get(step("change", pair)).context["lines"]}

    assert [cell.shared for cell in (*lines["Phones"].first, *lines["Phones"].second)] == [False, False]
    assert lines["Mailing address"].first[0].shared


def test_merging_into_the_right_keeps_the_right_and_goes_on_to_the_next(client, person, pair):
    user, following = person("manager"), worse_pair()

    answer = client.post(step("merge", pair), {"into": "second"})

    assert answer.headers["Location"] == step("change", following)
    merge = OwnerMerge.objects.get()
    assert (merge.kept, merge.absorbed, merge.merged_by) == (pair.second, pair.first, user)
    assert merge.reason == "same name, one without the middle name, same mailing address, same phone"
    assert pair.second.leads.count() == 2


def test_merging_into_the_left_keeps_the_left_and_ends_at_the_queue(client, person, pair):
    person("manager")

    answer = client.post(step("merge", pair), {"into": "first"}, follow=True)

    assert Owner.objects.get(pk=pair.second.pk).merged_into == pair.first
    assert answer.redirect_chain[-1][0] == QUEUE
    assert "“SMITH JOHN” is now part of “SMITH JOHN A”" in answer.content.decode()


def test_certain_pairs_are_merged_together_the_others_left(client, person, pair):
    user = person("manager")
    first, second = OwnerFactory(name="GUIDRY ANN B"), OwnerFactory(name="GUIDRY, ANN B.")
    find_duplicates()
    ids = list(DuplicatePair.objects.queue().values_list("pk", flat=True))
    assert len(ids) == 2

    data = {"action": "merge_certain", "_selected_action": ids}
    page = client.post(QUEUE, data, follow=True).content.decode()

    assert "1 merged" in page
    assert "1 left" in page
    merge = OwnerMerge.objects.get()
    assert (merge.kept, merge.absorbed, merge.merged_by) == (first, second, user)
    assert DuplicatePair.objects.queue().get() == pair


def test_a_rep_has_no_way_to_merge_many(client, person, pair):
    person("rep")

    assert "merge_certain" not in client.get(QUEUE).content.decode()
    client.post(QUEUE, {"action": "merge_certain", "_selected_action": [pair.pk]})
    assert not OwnerMerge.objects.exists()


def test_different_people_leave_the_queue_and_can_be_asked_again(client, person, pair):
    user = person("manager")

    client.post(step("different", pair))
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == ("different", user)
    assert not client.get(QUEUE).context["cl"].result_list
    assert list(client.get(QUEUE, {"state": "different"}).context["cl"].result_list) == [pair]
    assert "Ask again" in client.get(step("change", pair)).content.decode()

    client.post(step("reopen", pair))
    assert DuplicatePair.objects.queue().get() == pair


def test_a_pair_decided_by_somebody_else_meanwhile_is_said(client, person, pair):
    person("manager")
    merge_owners(pair.first, pair.second, by=None, reason="")

    for name in ("merge", "different"):
        page = client.post(step(name, pair), follow=True).content.decode()
        assert "was merged into" in page or "is “merged” by now" in page
    assert OwnerMerge.objects.count() == 1


def test_an_undo_says_what_it_did(client, person, pair):
    person("manager")
    merge = merge_owners(pair.first, pair.second, by=None, reason="same phone").value
    page = client.get(step("change", merge)).content.decode()
    assert "1 lead" in page
    assert "Undo the merge" in page

    page = client.post(step("undo", merge), follow=True).content.decode()

    assert "has everything back" in page
    assert "Undo the merge" not in page
    assert Owner.objects.get(pk=pair.second.pk).merged_into is None


def test_an_undo_lists_what_it_left(client, person, pair):
    person("manager")
    merge = merge_owners(pair.first, pair.second, by=None, reason="").value
    pair.first.leads.update(owner=OwnerFactory())

    page = client.post(step("undo", merge), follow=True).content.decode()

    assert "Not put back, because it has changed hands since: 1 lead." in page


def test_a_declined_undo_says_why(client, person, pair):
    person("manager")
    inner = merge_owners(pair.first, pair.second, by=None, reason="").value
    merge_owners(OwnerFactory(), pair.first, by=None, reason="")

    page = client.post(step("undo", inner), follow=True).content.decode()

    assert "First undo the later merge" in page
    assert not OwnerMerge.objects.get(pk=inner.pk).undone_at


def test_a_search_is_started_once(client, person):
    person("manager")

    page = client.post(SEARCH, follow=True).content.decode()
    assert "Searching: waiting for a worker" in page
    assert "under way already" in client.post(SEARCH, follow=True).content.decode()

    OwnerFactory(name="SMITH JOHN A"), OwnerFactory(name="SMITH JOHN")
    tasks.find_duplicates()
    page = client.get(QUEUE).content.decode()
    assert "2 owners, 1 pair to decide" in page
    assert "Search now" in page


@pytest.mark.parametrize(("role", "allowed"), [("rep", False), ("manager", True), ("administrator", True)])
def test_who_may_decide(client, person, pair, role, allowed):
    person(role)
    merge = merge_owners(OwnerFactory(), OwnerFactory(), by=None, reason="").value
    events = Event.objects.count()

    page = client.get(step("change", pair)).content.decode()
    assert ("Merge into left" in page) is allowed
    assert ("Search now" in client.get(QUEUE).content.decode()) is allowed
    assert ("Undo the merge" in client.get(step("change", merge)).content.decode()) is allowed
    posts = [step("merge", pair), step("different", pair), step("reopen", pair), step("undo", merge), SEARCH]
    answers = {client.post(url).status_code for url in posts}

    assert answers == ({302} if allowed else {403})
    assert (Event.objects.count() > events) is allowed


def test_strangers_see_nothing_and_nothing_moves_by_get(client, person, pair):
    merge = merge_owners(OwnerFactory(), OwnerFactory(), by=None, reason="").value
    pages = [QUEUE, MERGES, step("change", pair), step("change", merge)]
    assert {client.get(url).status_code for url in pages} == {302}
    client.force_login(UserFactory())
    assert {client.get(url).status_code for url in pages} == {403}

    person("administrator")
    posts = [step("merge", pair), step("different", pair), step("undo", merge), SEARCH]
    assert {client.get(url).status_code for url in posts} == {405}
    assert DuplicatePair.objects.get().state == "open"
