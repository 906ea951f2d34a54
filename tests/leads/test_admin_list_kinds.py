"""The import pages of sales and do-not-call lists: no parish, what they tell, and an undo that needs a reason."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from leads.imports.runner import run_import
from leads.imports.undo import run_undo
from leads.models import ListedSale, ListImport
from outreach.models import Suppression
from tests.factories import ParcelFactory, ParishFactory

pytestmark = pytest.mark.django_db
ADD = reverse("admin:leads_listimport_add")
NUMBERS = "phone,list type\n225-344-1234,litigator\n504-344-1234,\n,\n"
SALES = (
    "PIN,Sale Date,Price,Grantee,Grantor\n001,2026-03-02,45000,ACME LAND LLC,BOUDREAUX JEAN\n001,2025-01-02,10,X LLC,\n"
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def parish():
    return ParishFactory(market__code="LA", market__name="Louisiana", name="East Baton Rouge")


def upload(client, where, source, text):
    file = SimpleUploadedFile(f"{source}.csv", text.encode())
    return client.post(ADD, {"parish": where, "source": source, "file": file})


def step(name, list_import):
    return reverse(f"admin:leads_listimport_{name}", args=[list_import.pk])


def words(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def imported(client, parish, source, text):
    where = parish.pk if source == "sales" else f"market-{parish.market_id}"
    upload(client, where, source, text)
    draft = ListImport.objects.latest("id")
    client.post(step("mapping", draft), {**draft.mapping, "start": "1"})
    run_import(draft.pk)
    return ListImport.objects.get(pk=draft.pk)


def test_a_list_of_numbers_goes_in_for_the_whole_market(client, person, parish):
    person("manager")
    upload(client, f"market-{parish.market_id}", "litigator", NUMBERS)
    draft = ListImport.objects.get()

    page = client.get(step("mapping", draft))
    assert (draft.market, draft.parish) == (parish.market, None)
    assert "Litigator list for every market , loaded in Louisiana" in words(page)
    assert "Known litigator" in words(page)
    assert "344-1234" not in page.content.decode()

    client.post(step("mapping", draft), {**draft.mapping, "start": "1"})
    run_import(draft.pk)
    result = words(client.get(step("change", draft)))
    assert "Stopped now, in our records 0 Stopped now, not ours yet 2 Stopped before 0" in result
    assert "no telephone number" in result
    assert "Louisiana, all" in words(client.get(reverse("admin:leads_listimport_changelist")))


def test_a_list_of_land_is_of_one_parish(client, person, parish):
    person("manager")

    page = upload(client, f"market-{parish.market_id}", "sales", SALES)

    assert "A list of land is of one parish: choose it." in words(page)
    assert not ListImport.objects.exists()


def test_a_sales_list_is_shown_as_it_would_be_stored_and_then_on_the_parcel(client, person, parish):
    person("manager")
    parcel = ParcelFactory(parish=parish, number="001")
    upload(client, parish.pk, "sales", SALES)
    draft = ListImport.objects.get()

    page = words(client.get(step("mapping", draft)))
    assert "Sold on Price $ Seller Left out 2 001 ACME LAND LLC company 2026-03-02 45000.00 BOUDREAUX JEAN" in page
    assert "Sale price: nominal ($100 or less), so the sale is no comp" in page

    client.post(step("mapping", draft), {**draft.mapping, "start": "1"})
    run_import(draft.pk)
    assert "Sales of parcels we know 2 Good as a comp 1" in words(client.get(step("change", draft)))
    assert "BOUDREAUX JEAN" in words(client.get(parcel.get_absolute_url()))


def test_undoing_a_list_of_numbers_asks_for_a_reason_and_keeps_it(client, person, parish):
    user = person("manager")
    done = imported(client, parish, "do_not_call", NUMBERS)
    assert "Why may these numbers be texted again?" in words(client.get(step("undo", done)))

    refused = client.post(step("undo", done), {"reason": " "}, follow=True)
    assert "Say why its numbers may be texted again; the reason is kept." in words(refused)
    assert ListImport.objects.get().status == "done"
    assert Suppression.objects.active().count() == 2

    client.post(step("undo", done), {"reason": "The seller mixed two files up."})
    run_undo(done.pk)
    assert {row.lifted_by for row in Suppression.objects.lifted()} == {user}
    assert "The seller mixed two files up." in words(client.get(step("change", done)))


def test_a_rep_undoes_no_list_of_numbers(client, person, parish):
    person("manager")
    done = imported(client, parish, "do_not_call", NUMBERS)
    person("rep")

    assert client.post(step("undo", done), {"reason": "I need the number"}).status_code == 403
    assert Suppression.objects.active().count() == 2


def test_a_stop_names_the_list_that_it_rests_on(client, person, parish):
    person("manager")
    done = imported(client, parish, "do_not_call", NUMBERS)

    page = client.get(reverse("admin:outreach_suppression_change", args=[Suppression.objects.latest("id").pk]))

    assert step("change", done) in page.content.decode()


@pytest.mark.parametrize("sales", [1, 3])
def test_the_parcel_page_takes_the_same_queries_for_any_number_of_sales(
    client, person, parish, warmed, django_assert_num_queries, sales
):
    person("manager")
    done = ListImport.objects.create(market=parish.market, parish=parish, source="sales", filename="s.csv")
    parcel = ParcelFactory(parish=parish)
    for line in range(sales):
        ListedSale.objects.create(
            list_import=done, line=line, parcel=parcel, sold_on="2026-01-02", price=9000, is_comparable=True
        )
    warmed(parcel.get_absolute_url())

    with django_assert_num_queries(12):
        client.get(parcel.get_absolute_url())


@pytest.mark.parametrize("source", ["do_not_call", "sales"])
def test_the_page_says_that_a_list_is_being_counted(client, person, parish, source):
    from leads.imports.progress import CountingTold

    person("manager")
    running = ListImport.objects.create(
        market=parish.market, parish=parish, source=source, filename="s.csv", status="running"
    )
    told = CountingTold(running.pk)
    told(12_000)

    assert client.get(step("progress", running)).json()["counting"] == 12_000
    assert "Counting its rows: 12,000 so far" in words(client.get(step("change", running)))

    ListImport.objects.filter(pk=running.pk).update(rows_total=20_000)
    told.end()
    assert client.get(step("progress", running)).json()["counting"] is None
