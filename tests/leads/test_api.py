import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import LeadFactory, MarketFactory, OwnerPhoneFactory, ParcelFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/leads/"


@pytest.fixture
def rep(client):
    user = UserFactory()
    user.groups.add(Group.objects.get(name="rep"))
    client.force_login(user)
    return client


def scored(score, **more):
    return LeadFactory(score=score, **more)


def read_all(client, url):
    ids = []
    while url:
        page = client.get(url).json()
        ids += [lead["id"] for lead in page["results"]]
        url = page["next"]
    return ids


def test_it_lists_the_best_score_first_and_unscored_last(rep):
    market = MarketFactory()
    low, none, high = scored(10, market=market), scored(None, market=market), scored(80, market=market)

    assert read_all(rep, URL) == [high.pk, low.pk, none.pk]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(scores=st.lists(st.sampled_from([None, 0, 50, 50, 50, 100]), max_size=12), size=st.integers(1, 5))
def test_every_lead_is_on_exactly_one_page_whatever_ties(rep, scores, size):
    market = MarketFactory()
    leads = [scored(score, market=market) for score in scores]

    ids = read_all(rep, f"{URL}?page_size={size}&market={market.code}")

    assert sorted(ids) == sorted(lead.pk for lead in leads)


def test_it_filters_by_market_parish_stage_and_score(rep):
    wanted = scored(70)
    scored(20, market=wanted.market)
    scored(90)

    query = f"?market={wanted.market.code}&parish={wanted.parcel.parish.name}&stage=ingested&min_score=50"
    assert read_all(rep, URL + query) == [wanted.pk]


@pytest.mark.parametrize(
    ("query", "field"),
    [("min_score=lots", "min_score"), ("stage=warm", "stage"), ("cursor=%%%", "cursor"), ("page_size=0", "page_size")],
)
def test_a_wrong_parameter_is_refused_by_name(rep, query, field):
    answer = rep.get(f"{URL}?{query}")

    assert answer.status_code == 400
    assert list(answer.json()) == [field]


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_takes_the_same_queries_for_one_and_three_leads(rep, count, django_assert_num_queries):
    market = MarketFactory()
    for _ in range(count):
        scored(50, market=market, parcel=ParcelFactory(parish__market=market))

    with django_assert_num_queries(6):
        assert len(rep.get(URL).json()["results"]) == count


def test_an_outsider_is_refused(client):
    scored(50)
    assert client.get(URL).status_code == 403

    client.force_login(UserFactory())
    assert client.get(URL).status_code == 403


def test_nothing_can_be_written(rep):
    lead = scored(50)

    assert rep.post(URL, {}).status_code in {403, 405}
    assert rep.patch(f"{URL}{lead.pk}/", {"stage": "closed"}, content_type="application/json").status_code in {403, 405}
    lead.refresh_from_db()
    assert lead.stage == "ingested"


def test_one_lead_explains_its_score_and_shows_no_phone(rep):
    lead = scored(15, score_reasons=["absentee 15/15 Owner lives in TX"])

    body = rep.get(f"{URL}{lead.pk}/").json()

    assert body["score_reasons"][0]["reason"] == "Owner lives in TX"
    assert "phone" not in str(body)


def test_the_schema_describes_it(rep):
    answer = rep.get("/api/schema/?format=json")

    assert answer.status_code == 200
    assert "/api/v1/leads/" in answer.json()["paths"]


@pytest.mark.parametrize("words", ["thibodeaux", "225 234 5678", "77-1"])
def test_it_searches_owner_parcel_number_situs_and_whole_phone_number(rep, words):
    wanted = scored(70, owner__name="THIBODEAUX MARIE", parcel=ParcelFactory(number="77-1"))
    OwnerPhoneFactory(owner=wanted.owner, phone__number="+12252345678")
    scored(90, parcel=ParcelFactory(number="88-2"))

    assert read_all(rep, f"{URL}?search={words}") == [wanted.pk]
