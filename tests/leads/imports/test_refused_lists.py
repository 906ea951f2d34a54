"""A list that cannot be read: one line that says what, where and what to do; nothing half-written."""

import io
import os
import subprocess
import sys
import zipfile
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import CommandError
from django.db import connection
from django.urls import reverse

from leads.imports.intake import retry_import
from leads.models import Event, ImportRow, Lead, ListImport, Owner, Parcel
from local import environment
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


def zipped(*members, spoil=None, method=zipfile.ZIP_DEFLATED):
    """A zip archive of these (name, text) members; `spoil` changes its bytes afterwards."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, text in members:
            archive.writestr(name, text)
    content = bytearray(buffer.getvalue())
    if spoil:
        spoil(content)
    return bytes(content)


def turn_a_letter(content):
    content[content.find(b"BOUDREAUX")] ^= 1


def claim_another_method(content):
    content[content.find(b"PK\x01\x02") + 10] = 97


def lock(content):
    content[content.find(b"PK\x01\x02") + 8] |= 1


LIST = f"{HEADER}\n{ROW}\n"
FEATURE = '{"type": "FeatureCollection", "features": [%s]}'
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
    "a NUL byte has a place": (f"{HEADER}\n001,BOU\0DREAUX,,,,,,,\n".encode(), "row 2, column “owner_name”"),
    "a header cell of 200 KB": (f"{'X' * 200_000},{LIST}".encode(), "row 1: holds a cell of more than 131,072"),
    "UTF-16": (LIST.encode("utf-16"), "row 1: is in UTF-16; save it as UTF-8"),
    "UTF-16 that does not say so": (LIST.encode("utf-16-le"), "is a binary file"),
    "no known encoding": (LIST.encode() + b"002,H\x81BERT,,,,,,,\n", "row 3: is in an encoding that is not known"),
    "two encodings": (LIST.encode() + "002,Hé,,,,,,,\n".encode() + b"003,H\xe9,,,,,,,\n", "row 4: is not UTF-8"),
    "a PDF": (b"%PDF-1.7 " + b"x" * 50, "is a PDF, not a list"),
    "a workbook": (zipped(("[Content_Types].xml", "x"), ("xl/workbook.xml", "x")), "the workbook is damaged"),
    "a locked workbook": (
        b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
        "the workbook is locked with a password; save it without one",
    ),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel workbook; save it as XLSX or CSV"),
    "half a zip": (zipped(("roll.csv", LIST))[:60], "the zip archive is damaged"),
    "a spoilt zip": (
        zipped(("roll.csv", LIST), spoil=turn_a_letter, method=zipfile.ZIP_STORED),
        "the zip archive is damaged",
    ),
    "an odd zip": (zipped(("roll.csv", LIST), spoil=claim_another_method), "packed in a way that is not read here"),
    "a locked zip": (zipped(("roll.csv", LIST), spoil=lock), "locked with a password"),
    "two lists in a zip": (zipped(("a.csv", LIST), ("b.csv", LIST)), "holds 2 files; it must hold one list"),
    "JSON without features": (b'[{"parcel_number": "001"}]', "holds no list of features"),
    "GeoJSON without a feature": ((FEATURE % "").encode(), "no rows"),
    "GeoJSON that breaks off": ((FEATURE % '{"properties": {')[:-2].encode(), "row 2: the file breaks off here"),
    "a feature that is none": ((FEATURE % '"001"').encode(), "row 2: is not a feature"),
    "GeoJSON nested without end": ((FEATURE % ("[" * 200_000)).encode(), "row 2: is a feature that cannot be read"),
    "a number of 6,000 digits": ((FEATURE % ("9" * 6_000)).encode(), "row 2: is a feature that cannot be read"),
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


def test_the_program_ends_with_an_error_and_one_line(tmp_path):
    command = [sys.executable, environment.PROJECT_DIR / "manage.py", "import_list", tmp_path / "roll.csv"]
    target = ["--market", "nowhere", "--parish", "East Baton Rouge", "--source", "tax_roll", "--json"]
    done = subprocess.run([*command, *target], env=environ_of_this_database(), capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: unknown market “nowhere”; known are \n"


def environ_of_this_database():
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return os.environ | {"DATABASE_URL": url.geturl()}


def test_a_file_that_is_bad_beyond_its_first_rows_leaves_nothing_but_a_list_to_retry(import_list, a_list, person):
    good = [ROW.replace("001", f"{number:04d}", 1) for number in range(3000)]
    path = a_list(*good, '3000,"BOUDREAUX,,,,,,,')

    with pytest.raises(CommandError, match=r"^roll\.csv, row 3002: a quotation mark opens here and is not closed$"):
        import_list(path)

    failed = ListImport.objects.get()
    assert (failed.status, failed.rows_read) == ("failed", 0)
    assert failed.error == "roll.csv, row 3002: a quotation mark opens here and is not closed"
    assert not any(model.objects.exists() for model in (Parcel, Owner, Lead, Event, ImportRow))
    assert retry_import(failed, by=person("manager"))
    assert ListImport.objects.get().status == "queued"


def test_a_good_zip_is_read_wherever_it_comes_from(import_list, tmp_path, client, person, parish):
    person("manager")
    path = tmp_path / "roll.zip"
    path.write_bytes(zipped(("__MACOSX/._roll.csv", "x"), ("roll.csv", LIST)))

    assert import_list(path)["summary"]["created"] == 1
    assert upload(client, parish, path.read_bytes(), "roll.zip").status_code == 302


def test_a_list_with_an_unfit_mapping_can_be_started_again_with_another(client, person, parish):
    person("manager")
    upload(client, parish, LIST.encode())
    draft = ListImport.objects.get()
    page = reverse("admin:leads_listimport_mapping", args=[draft.pk])

    twice = client.post(page, {"number": "parcel_number", "owner_name": "parcel_number", "start": "1"})

    assert twice.context["error"] == (
        "roll.csv, row 1, column “parcel_number”: is used twice, for Parcel number and Owner"
    )
    draft.refresh_from_db()
    assert (draft.status, Parcel.objects.exists()) == ("draft", False)
    client.post(page, {"number": "parcel_number", "owner_name": "owner_name", "start": "1"})
    draft.refresh_from_db()
    assert draft.status == "queued"


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
