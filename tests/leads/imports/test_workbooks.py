"""Excel workbooks: typed cells become what a list would say, the first sheet with rows is read, the rest is refused."""

import io
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import CommandError

from leads.imports.errors import ListError
from leads.imports.files import ListFile
from leads.imports.formats import find_layout, open_list
from leads.imports.intake import Target, receive_list
from leads.models import ImportRow, Owner, Parcel

HEADER = ("parcel_number", "owner_name", "mailing_zip", "acreage", "last_sale_date")


def workbook(*sheets):
    """Bytes of a workbook of these (name, rows)."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def read(content, name="roll.xlsx"):
    file = ListFile(name, lambda: io.BytesIO(content))
    with open_list(file, find_layout(file)) as reader:
        return reader.header, [(record.line, record.cells) for record in reader.records()], file.workbook


def test_typed_cells_say_what_a_list_would_say():
    row = ("0012", "BOUDREAUX\nJEAN", 70810, 2.5, date(2019, 3, 4))
    odd = (1234567890, True, 0.1 + 0.2, 1e-7, datetime(2020, 1, 2, 3, 4))

    header, records, _ = read(workbook(("Roll", [HEADER, row, (), odd])))

    assert header == list(HEADER)
    assert records == [
        (2, ["0012", "BOUDREAUX JEAN", "70810", "2.5", "2019-03-04"]),
        (4, ["1234567890", "true", "0.3", "0.0000001", "2020-01-02 03:04:00"]),
    ]


def test_the_first_sheet_with_rows_is_read_and_named():
    _, records, made = read(workbook(("Notes", []), ("Roll 2026", [HEADER, ("1",)]), ("Other", [("x",)])))

    assert [cells for _, cells in records] == [["1", "", "", "", ""]]
    assert made.told == "sheet “Roll 2026”; 1 more not read"


def test_a_zipped_workbook_reads_the_same():
    content = workbook(("Roll", [HEADER, ("1", "LEE ANN", 70810.0)]))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("roll.xlsx", content)

    assert read(buffer.getvalue())[:2] == read(content)[:2]


def test_the_csv_made_of_a_workbook_goes_with_its_file():
    file = ListFile("roll.xlsx", lambda: io.BytesIO(workbook(("Roll", [HEADER, ("1",)]))))
    find_layout(file)
    path = file.workbook.path
    assert path.exists()

    del file

    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (workbook(("Empty", [])), "roll.xlsx: the workbook is empty"),
        (workbook(("Roll", [HEADER, ("1",)]))[:-40], "roll.xlsx: the zip archive is damaged"),
    ],
)
def test_a_workbook_that_cannot_be_read(content, said):
    with pytest.raises(ListError) as refused:
        read(content)
    assert str(refused.value) == said


def test_a_workbook_too_large_for_the_memory_it_may_take(settings):
    settings.IMPORT_WORKBOOK_MEMORY = 40 * 1024 * 1024
    rows = [(f"{number}", f"{number:0200}", number, 2.5, "") for number in range(60_000)]

    with pytest.raises(ListError, match=r"^roll\.xlsx: is too large to be read as a workbook; save it as CSV$"):
        read(workbook(("Roll", [HEADER, *rows])))


def test_a_workbook_goes_into_the_records(import_list, tmp_path):
    path = tmp_path / "roll.xlsx"
    rows = [
        ("0012", "BOUDREAUX JEAN", 70810.0, 2.5, date(2019, 3, 4)),
        ("0013", "LEE ANN", 7081, -1, date(1899, 12, 31)),
    ]
    path.write_bytes(workbook(("Roll", [HEADER, *rows])))

    assert import_list(path)["summary"]["created"] == 2

    parcel = Parcel.objects.get(number="0012")
    assert (str(parcel.acres), parcel.last_sale_on) == ("2.5000", date(2019, 3, 4))
    assert Owner.objects.get(name="BOUDREAUX JEAN").mailing_zip == "70810"
    assert ImportRow.objects.get(outcome="partial").line == 3
    assert import_list(path)["summary"]["unchanged"] == 2


def test_a_workbook_without_rows_is_refused(import_list, tmp_path):
    path = tmp_path / "roll.xlsx"
    path.write_bytes(workbook(("Roll", [HEADER])))

    with pytest.raises(CommandError, match="holds column names but no rows"):
        import_list(path)


@pytest.mark.django_db
def test_an_uploaded_workbook_is_kept_as_csv_with_its_sheet(market, parish):
    content = workbook(("Roll", [HEADER, ("0012", "BOUDREAUX JEAN", 70810)]))

    draft, _ = receive_list(
        Target(market, parish, "tax_roll"), SimpleUploadedFile("roll.xlsx", content), "roll.xlsx", by=None
    )

    assert (draft.filename, draft.sheet) == ("roll.xlsx", "sheet “Roll”")
    with draft.file.open() as stored:
        assert stored.read().decode().splitlines()[1] == "0012,BOUDREAUX JEAN,70810,,"
