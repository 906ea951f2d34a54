"""The weights in the admin: every change is a version, says why, and scores the market anew."""

import pytest
from django.urls import reverse

from leads.models import Event
from scoring.admin import FACTORS
from scoring.models import ScoringProfile, ScoringRun
from scoring.profiles import active_profile, save_weights
from scoring.tasks import resume_scoring_runs
from scoring.weights import DEFAULTS, default_weights
from tests.factories import MarketFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:scoring_scoringprofile_changelist")


def weights_of(market):
    return reverse("admin:scoring_scoringprofile_weights", args=[market.pk])


def values(**changed):
    cases = {f"{factor}.{case}": points for factor, cases in DEFAULTS.items() for case, points in cases.items()}
    return cases | {"note": "Fewer buyers for small lots", "seen": 1} | changed


def test_saving_makes_the_next_version_and_scores_the_market_anew(client, person):
    user = person("manager")
    market = MarketFactory()

    response = client.post(weights_of(market), values(**{"size.under_quarter_acre": 2}), follow=True)

    first, second = ScoringProfile.objects.order_by("version")
    assert (first.version, first.active) == (1, False)
    assert (second.version, second.active, second.created_by) == (2, True, user)
    assert second.weights["size"]["under_quarter_acre"] == 2
    assert second.note == "Fewer buyers for small lots"
    assert "is being scored anew" in response.content.decode()
    run = ScoringRun.objects.get()
    assert (run.market, run.profile, run.cause, run.state) == (market, second, "weights", "queued")
    assert (run.asked_by, Event.objects.get().actor) == (user, user)
    assert resume_scoring_runs() == 1


def test_every_case_of_every_factor_has_its_words():
    words = {name: set(factor.cases) for name, factor in FACTORS.items()}

    assert words == {name: set(cases) for name, cases in DEFAULTS.items()}


def test_two_people_who_change_one_version_do_not_undo_each_other(client, person):
    person("manager")
    market = MarketFactory()
    client.get(weights_of(market))
    save_weights(market, default_weights(), by=None, note="meanwhile")

    response = client.post(weights_of(market), values(**{"size.under_quarter_acre": 2}))

    assert "Version 2 was saved while you looked at version 1" in response.content.decode()
    assert [profile.note for profile in ScoringProfile.objects.of_market(market)] == ["meanwhile", "Original figures"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"size.under_quarter_acre": 101}, "less than or equal to 100"),
        ({"size.under_quarter_acre": "much"}, "whole number"),
        ({"absentee.out_of_state": 60}, "add up to 145; at most 100"),
        ({"note": ""}, "required"),
    ],
)
def test_wrong_weights_are_refused_and_nothing_changes(client, person, changed, said):
    person("manager")
    market = MarketFactory()

    response = client.post(weights_of(market), values(**changed))

    assert said in response.content.decode()
    assert active_profile(market).version == 1
    assert ScoringProfile.objects.count() == 1
    assert not Event.objects.exists()


def test_an_old_version_is_shown_beside_the_one_in_force_and_put_back(client, person):
    person("manager")
    market = MarketFactory(name="Louisiana")
    first = active_profile(market)
    changed = default_weights()
    changed["size"]["under_quarter_acre"] = 2
    save_weights(market, changed, by=None, note="")

    page = client.get(reverse("admin:scoring_scoringprofile_change", args=[first.pk])).content.decode()
    assert "Put this version back" in page
    listed = client.get(weights_of(market)).content.decode()
    assert (listed.count("Put back"), "Original figures" in listed) == (1, True)
    client.post(reverse("admin:scoring_scoringprofile_put_back", args=[first.pk]))

    now = active_profile(market)
    assert (now.version, now.weights, now.note) == (3, DEFAULTS, "Back to version 1")


def test_a_rep_looks_and_changes_nothing(client, person):
    person("rep")
    profile = active_profile(MarketFactory())

    assert client.get(LIST).status_code == 200
    assert client.get(reverse("admin:scoring_scoringprofile_change", args=[profile.pk])).status_code == 200
    assert client.post(weights_of(profile.market), values()).status_code == 403
    assert client.post(reverse("admin:scoring_scoringprofile_put_back", args=[profile.pk])).status_code == 403
    assert ScoringProfile.objects.count() == 1


def test_a_person_without_a_role_sees_nothing(client):
    client.force_login(UserFactory())

    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client, person, warmed, count, django_assert_num_queries
):
    person("manager")
    for _ in range(count):
        active_profile(MarketFactory())
    warmed(LIST)

    with django_assert_num_queries(8):
        client.get(LIST)
