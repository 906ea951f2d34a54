"""Rejected rows: given back in their own columns, fit to be mended and imported again."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from leads.models import ImportRow, ListImport, Owner, Parcel
from tests.leads.imports.conftest import HEADER

SHORT = ",BOUDREAUX JEAN"
LONG = "002,HEBERT ANN,1 OAK ST,HOUSTON,TX,77002,225-344-1234,2.5,12000,left over,more"
WHOLE = ",MOUTON CLAIRE,9 ELM ST,AUSTIN,TX,78701,225-344-9999,1.5,9000"


@pytest.fixture
def download(client, person):
    """The rejected rows of the only list, as a program reads them."""
    person("manager")

    def rows() -> list[list[str]]:
        answer = client.get(reverse("admin:leads_listimport_rejected", args=[ListImport.objects.latest("pk").pk]))
        return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))

    return rows


def test_every_cell_is_under_its_own_column(import_list, a_list, download):
    import_list(a_list(SHORT, LONG, WHOLE))

    header, short, long, whole = (dict(enumerate(row)) for row in download())

    assert list(header.values()) == ["line", "reason", *HEADER.split(",")]
    assert list(short.values()) == ["2", "no parcel number", *SHORT.split(","), *[""] * 7]
    assert list(long.values())[2:] == LONG.split(",")
    assert list(whole.values())[2:] == WHOLE.split(",")


def test_a_mended_row_goes_in_without_a_trace_of_why_it_was_rejected(import_list, a_list, download):
    import_list(a_list(SHORT, LONG, WHOLE))
    header, *rows = download()
    rows[0][2], rows[2][2] = "001", "003"
    rows[1] = rows[1][: len(header)]

    done = import_list(a_list(*(",".join(row) for row in rows), header=",".join(header), name="mended.csv"))

    assert (done["rows_created"], done["rows_rejected"]) == (3, 0)
    assert set(Parcel.objects.values_list("number", flat=True)) == {"001", "002", "003"}
    assert set(Owner.objects.values_list("name", "mailing_street", "mailing_city")) == {
        ("BOUDREAUX JEAN", "", ""),
        ("HEBERT ANN", "1 OAK ST", "HOUSTON"),
        ("MOUTON CLAIRE", "9 ELM ST", "AUSTIN"),
    }


def test_rejected_cells_are_not_readable_in_the_database(import_list, a_list):
    from django.db import connection

    import_list(a_list(WHOLE))

    with connection.cursor() as cursor:
        cursor.execute("SELECT raw FROM leads_importrow")
        stored = bytes(cursor.fetchone()[0])
    assert b"MOUTON" not in stored
    assert "MOUTON" in ImportRow.objects.get().raw


def test_who_looked_at_the_rows_is_kept(import_list, a_list, download):
    import_list(a_list(WHOLE))

    download()

    assert LogEntry.objects.get().change_message == "Downloaded 1 rejected rows in clear."


def test_a_list_whose_file_is_gone_says_so(import_list, a_list, client, person):
    person("manager")
    import_list(a_list(WHOLE))
    kept = ListImport.objects.get()
    kept.file.storage.delete(kept.file.name)

    answer = client.get(reverse("admin:leads_listimport_rejected", args=[kept.pk]), follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        "roll.csv: the stored file is gone, and with it the names of the columns."
    ]
    assert not LogEntry.objects.exists()
