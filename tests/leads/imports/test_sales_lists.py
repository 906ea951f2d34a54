"""Sales lists: the latest sale says who owns a parcel, real prices become comps, and undo takes it all back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from leads.imports.detection import Sample, detect_mapping
from leads.imports.runner import run_import
from leads.imports.sources import PLANS
from leads.imports.undo import request_undo, run_undo
from leads.models import Event, ImportRow, Lead, ListedSale, ListImport, Ownership, Parcel, ParcelList
from scoring.models import Sale
from scoring.service import score_lead
from tests.factories import UserFactory
from tests.leads.imports.test_undo import records

ROLL = (
    "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,,2.5,12000",
    "002,HEBERT ANNA,2 OAK ST,BATON ROUGE,LA,70801,,5,9000",
)
HEADER = (
    "Parcel ID,Sale Date,Sale Price,Grantee,Grantee Address,Grantee City,Grantee State,Grantee Zip,Grantor,Instrument"
)
SOLD = '001,2026-03-02,"$45,000",ACME LAND LLC,PO BOX 1,DALLAS,TX,75201,BOUDREAUX JEAN,F-1'


@pytest.fixture
def known(import_list, a_list):
    import_list(a_list(*ROLL))


@pytest.fixture
def sales(import_list, a_list, known):
    def bring(*rows, header=HEADER, name="sales.csv"):
        return import_list(a_list(*rows, header=header, name=name), source="sales")

    return bring


def owner_of(number):
    return Ownership.objects.current().get(parcel__number=number).owner


def comps():
    return list(Sale.objects.order_by("sold_on").values_list("parcel__number", "sold_on", "price"))


def undo(done, **options):
    list_import = ListImport.objects.get(pk=done["list_import"])
    assert request_undo(list_import, by=UserFactory())
    undone = run_undo(list_import.pk, **options)
    assert undone is not None
    return undone


def notes(done):
    rows = ImportRow.objects.filter(list_import_id=done["list_import"], outcome="partial")
    return dict(rows.values_list("line", "reason"))


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        "PIN,Date of Sale,Consideration,Buyer,Buyer Address,Buyer City,Buyer State,Buyer Zip,Seller,Instrument Number",
        "APN,Conveyance Date,Sale Amount,Vendee,Vendee Address,Vendee City,Vendee State,Vendee Zip,Vendor,File Number",
        "parcel_number,sale_date,sale_price,buyer_name,mailing_address,mailing_city,mailing_state,mailing_zip,seller,cob",
    ],
    ids=["grantee", "buyer", "vendee", "snake"],
)
def test_the_columns_are_told_by_the_headers_met_in_practice(header):
    columns = header.split(",")
    row = SOLD.replace('"$45,000"', "45000").split(",")

    found = detect_mapping(PLANS["sales"], Sample(columns, [row, ["002", *row[1:]]]))

    assert [(each.field, columns.index(each.column)) for each in found] == [
        ("number", 0), ("last_sale_on", 1), ("sale_price", 2), ("owner_name", 3), ("mailing_street", 4),
        ("mailing_city", 5), ("mailing_state", 6), ("mailing_zip", 7), ("seller_name", 8), ("instrument", 9),
    ]  # fmt: skip


def test_a_later_sale_closes_the_ownership_and_opens_the_buyers(sales):
    done = sales(SOLD)

    parcel = Parcel.objects.get(number="001")
    assert (done["rows_updated"], done["sales"]) == (1, {"sales": 1, "comps": 1})
    assert parcel.last_sale_on == date(2026, 3, 2)
    assert (owner_of("001").name, owner_of("001").mailing_city) == ("ACME LAND LLC", "DALLAS")
    assert Ownership.objects.get(owner__name="BOUDREAUX JEAN").closed_by_list_id == done["list_import"]
    assert Lead.objects.get(parcel=parcel).owner == owner_of("001")
    assert Event.objects.filter(kind="OwnerChanged", owner=owner_of("001")).count() == 1
    assert comps() == [("001", date(2026, 3, 2), Decimal(45000))]
    assert ParcelList.objects.filter(parcel=parcel, source="sales").exists()


def test_the_score_counts_the_years_from_the_new_sale(sales):
    sales(SOLD)

    reasons = {each.factor: each.reason for each in score_lead(Lead.objects.get(parcel__number="001")).reasons}
    assert reasons["ownership_duration"] == "Bought less than five years ago"


def test_an_older_sale_is_a_comp_and_says_nothing_of_the_owner(sales):
    sales(SOLD)
    older = sales("001,2024-05-01,30000,CAJUN HOLDINGS LLC,,,,,,", name="older.csv")

    assert owner_of("001").name == "ACME LAND LLC"
    assert Parcel.objects.get(number="001").last_sale_on == date(2026, 3, 2)
    assert [price for _, _, price in comps()] == [Decimal(30000), Decimal(45000)]
    assert notes(older) == {2: "we know of a later sale, or of an owner for longer; the owner stays"}


def test_a_sale_from_long_before_the_roll_says_nothing_against_the_owner_on_it(sales):
    sales("001,1999-05-01,30000,CAJUN HOLDINGS LLC,,,,,,")

    assert owner_of("001").name == "BOUDREAUX JEAN"
    assert Parcel.objects.get(number="001").last_sale_on is None
    assert len(comps()) == 1


@pytest.mark.parametrize("chunk_rows", [1, 2, 100])
def test_of_several_sales_the_latest_says_who_owns_it_and_all_are_comps(sales, parish, a_list, chunk_rows):
    rows = (
        "001,2025-01-05,20000,FIRST BUYER,,,,,,",
        "001,2026-02-01,40000,LAST BUYER,,,,,,",
        "001,2025-09-09,30000,SECOND BUYER,,,,,,",
    )
    list_import = ListImport(market=parish.market, parish=parish, source="sales", filename="s.csv", status="queued")
    path = a_list(*rows, header=HEADER)
    list_import.mapping = {"number": "Parcel ID", "last_sale_on": "Sale Date", "sale_price": "Sale Price",
                           "owner_name": "Grantee"}  # fmt: skip
    with path.open("rb") as stream:
        list_import.file.save("s.csv", stream)
    run_import(list_import.pk, chunk_rows=chunk_rows)

    assert owner_of("001").name == "LAST BUYER"
    assert Ownership.objects.filter(parcel__number="001").count() == 2
    assert [price for _, _, price in comps()] == [Decimal(20000), Decimal(30000), Decimal(40000)]


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("", "Sale price: none, so the sale is no comp"),
        ("$0", "Sale price: none, so the sale is no comp"),
        ("$10.00", "Sale price: nominal ($100 or less), so the sale is no comp"),
        ("see deed", "Sale price: none, so the sale is no comp"),  # such cells are no column of prices
    ],
)
def test_a_sale_without_a_real_price_moves_the_parcel_and_is_no_comp(sales, price, said):
    done = sales(f"001,2026-03-02,{price},ACME LAND LLC,,,,,,")

    assert owner_of("001").name == "ACME LAND LLC"
    assert comps() == []
    assert notes(done) == {2: said}
    assert done["sales"] == {"sales": 1, "comps": 0}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("009,2026-03-02,45000,ACME LAND LLC,,,,,,", "no such parcel in East Baton Rouge"),
        ("001,,45000,ACME LAND LLC,,,,,,", "no sale date"),
        ("001,1899-12-31,45000,ACME LAND LLC,,,,,,", "Sale date: a date before 1900"),
        (",2026-03-02,45000,ACME LAND LLC,,,,,,", "no parcel number"),
    ],
)
def test_a_row_that_is_no_sale_of_a_known_parcel_is_rejected(sales, row, reason):
    done = sales(row, "002,2026-03-02,10,,,,,,,")

    assert (done["rows_rejected"], {"outcome": "rejected", "reason": reason, "count": 1} in done["reasons"]) == (
        1,
        True,
    )
    assert comps() == []
    assert ListedSale.objects.get().parcel.number == "002"
    assert owner_of("001").name == "BOUDREAUX JEAN"


def test_a_sale_without_a_buyer_sets_the_date_and_leaves_the_owner(sales):
    sales("001,2026-03-02,45000,,,,,,,")

    assert Parcel.objects.get(number="001").last_sale_on == date(2026, 3, 2)
    assert owner_of("001").name == "BOUDREAUX JEAN"


def test_what_a_person_entered_stands_against_a_sales_list(sales):
    ownership = Ownership.objects.get(parcel__number="001")
    ownership._history_user = UserFactory()
    ownership.save()

    sales(SOLD)

    assert owner_of("001").name == "BOUDREAUX JEAN"


def test_the_same_list_again_changes_nothing(sales):
    sales(SOLD)
    again = sales(SOLD, name="again.csv")

    assert (again["rows_updated"], again["rows_unchanged"]) == (0, 1)
    assert len(comps()) == 1


@pytest.mark.parametrize("rows", [1, 5000])
def test_undoing_the_list_takes_it_all_back(sales, rows):
    before = records()

    undone = undo(sales(SOLD, "001,2025-01-05,20000,FIRST BUYER,,,,,,", "002,2026-01-05,1,NEXT LLC,,,,,,"), rows=rows)

    assert records() == before
    assert not ImportRow.objects.of(undone).kept().exists()
    assert not Sale.objects.exists()
    assert not ListedSale.objects.exists()
    assert Sale.history.filter(history_type="-").count() == 2


def test_a_comp_that_another_list_tells_of_too_stays_as_that_ones(sales):
    first = sales(SOLD)
    second = sales(SOLD, name="second.csv")

    undo(first)

    assert Sale.objects.get().source == f"List {second['list_import']}: second.csv"
    undo(second)
    assert not Sale.objects.exists()


def test_a_comp_that_a_person_has_changed_is_theirs(sales):
    done = sales(SOLD)
    comp = Sale.objects.get()
    comp.price = Decimal(50000)
    comp._history_user = UserFactory()
    comp.save()

    undo(done)

    assert Sale.objects.get().price == Decimal(50000)
