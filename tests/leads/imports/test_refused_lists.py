"""A list that cannot be read: one line that says what, where and what to do; nothing half-written."""

import csv
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import CommandError
from django.urls import reverse

from leads.models import Event, ImportRow, Lead, ListImport, Owner, Parcel
from tests.leads.imports.conftest import HEADER

ROW = "001,BOUDREAUX JEAN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,2.5,12000"


def nothing_written():
    return not any(model.objects.exists() for model in (Parcel, Owner, Lead, Event, ImportRow, ListImport))


def refused(import_list, path, **options):
    with pytest.raises(CommandError) as refusal:
        import_list(path, **options)
    message = str(refusal.value)
    assert "\n" not in message
    assert nothing_written()
    return message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"market": "ZZ"}, "unknown market “ZZ”; known are LA"),
        (
            {"parish": "East Batton Rouge"},
            "has no parish “East Batton Rouge”; did you mean East Baton Rouge?",
        ),
        ({"source": "gossip"}, "unknown source “gossip”; known are tax_roll, adjudicated"),
        (
            {"mapping": "number=parcel_number,owner_name=parcel_number"},
            "column “parcel_number”: is used twice, for Owner and Parcel number",
        ),
        ({"mapping": "number=nonsense"}, "nonsense"),
        ({"mapping": "colour=owner_name"}, "colour"),
        ({"mapping": "number"}, "--mapping takes field=column pairs"),
        ({"mapping": "{"}, "--mapping is not a JSON object"),
    ],
)
def test_a_wrong_option_is_named(import_list, a_list, options, said):
    assert said in refused(import_list, a_list(ROW), **options)


def test_a_missing_file(import_list, tmp_path):
    assert refused(import_list, tmp_path / "nowhere.csv").endswith("nowhere.csv: there is no such file")


def test_a_directory(import_list, tmp_path):
    assert refused(import_list, tmp_path).endswith("is not a file")


BAD_FILES = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n  \n", "the first row is blank"),
    "binary": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not a"),
    "header only": (f"{HEADER}\n".encode(), "no rows"),
    "no parcel-number column": (b"owner_name,acreage\nBOUDREAUX JEAN,2.5\n", "parcel number"),
    "300 columns": (f"{HEADER}{',x' * 291}\n{ROW}{',1' * 291}\n".encode(), "has 300 columns; at most 256 are read"),
    "a 10 MB cell": (f"{HEADER}\n001,{'X' * 10_000_000},,,,,,,\n".encode(), "row 2"),
    "an open quote": (f'{HEADER}\n001,"BOUDREAUX,,,,,,,\n{ROW}\n'.encode(), "row 2: a quotation mark opens here"),
    "NUL bytes": (f"{HEADER}\n001,BOU\0DREAUX JEAN,,,,,,,\n".encode(), "NUL"),
    "a spreadsheet": (b"PK\x03\x04" + b"[Content_Types].xml" * 50, "roll.csv"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_list(import_list, tmp_path, name):
    content, said = BAD_FILES[name]
    path = tmp_path / "roll.csv"
    path.write_bytes(content)

    message = refused(import_list, path)

    assert message.startswith("roll.csv")
    assert said in message
    assert len(message) < 300


def test_a_file_over_the_limit(import_list, a_list, settings):
    settings.IMPORT_MAX_BYTES = 50

    assert "at most 50 bytes may be imported" in refused(import_list, a_list(ROW))


def test_a_zip_that_holds_no_list(import_list, tmp_path):
    path = tmp_path / "roll.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing here")

    assert "roll.zip" in refused(import_list, path)


# through the admin


def upload(client, parish, content, name="roll.csv"):
    data = {"parish": parish.pk, "source": "tax_roll", "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("admin:leads_listimport_add"), data)


@pytest.mark.parametrize("name", BAD_FILES)
def test_the_upload_page_says_the_same_and_keeps_nothing(client, person, parish, name):
    person("manager")
    content, said = BAD_FILES[name]

    response = upload(client, parish, content)

    if response.status_code == 302:  # the columns can still be chosen: what is wrong is said on the next page
        page = client.get(response.headers["Location"]).content.decode()
        assert said in page.replace("&quot;", '"')
        assert ListImport.objects.get().status == "draft"
        assert not Parcel.objects.exists()
    else:
        assert said in " ".join(response.context["form"].errors["file"])
        assert nothing_written()


def test_the_upload_page_refuses_a_file_over_the_limit(client, person, parish, settings):
    person("manager")
    settings.IMPORT_MAX_BYTES = 50

    response = upload(client, parish, f"{HEADER}\n{ROW}\n".encode())

    assert "at most 50 bytes may be imported" in response.context["form"].errors["file"][0]
    assert nothing_written()


# rows: kept out with a reason, the rest goes in


def outcomes(import_list, path, **options):
    return import_list(path, **options)["summary"]


def test_rows_that_cannot_be_stored_are_rejected_and_the_rest_goes_in(import_list, a_list):
    path = a_list(ROW, "002,TOO MANY" + ",x" * 12, ",NO NUMBER,,,,,,,", "003,HEBERT ANN,,,,,,1.5,", "004")

    done = outcomes(import_list, path)

    assert (done["rows"], done["created"], done["rejected"]) == (5, 3, 2)
    reasons = {row.line: row.reason for row in ImportRow.objects.filter(outcome="rejected")}
    assert reasons == {3: "more cells (14) than the header has columns (9)", 4: "no parcel number"}
    assert set(Parcel.objects.values_list("number", flat=True)) == {"001", "003", "004"}


def test_rejected_rows_come_back_mended(import_list, a_list, client, person):
    person("manager")
    import_list(a_list(ROW, ",NO NUMBER,,,,,,3.5,"))
    bad = ListImport.objects.get()

    answer = client.get(reverse("admin:leads_listimport_rejected", args=[bad.pk]))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    assert rows[0][-2:] == ["line", "reason"]
    assert rows[1][:2] == ["", "NO NUMBER"]
    rows[1][0] = "077"
    mended = a_list(*[",".join(row) for row in rows[1:]], header=",".join(rows[0]), name="mended.csv")
    assert outcomes(import_list, mended)["created"] == 1
    assert Parcel.objects.get(number="077").acres is not None
