"""The page of a running import: it counts up by itself, and its Cancel button stops the list."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from playwright.sync_api import expect

from leads.imports.runner import run_import
from leads.models import ListedNumber, ListImport
from tests.factories import MarketFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS = 3_000


@pytest.fixture
def running(settings, tmp_path) -> Iterator[tuple[ListImport, threading.Event]]:  # type: ignore[no-untyped-def]
    """A list at work in another thread; after each chunk it waits until the test lets it go on."""
    settings.MEDIA_ROOT = tmp_path
    market = MarketFactory(code="LA", name="Louisiana")
    text = "phone\n" + "".join(f"225-344-{n:04}\n" for n in range(ROWS))
    draft = ListImport(
        market=market, source="litigator", filename="numbers.csv", status="queued", mapping={"phone_1": "phone"}
    )
    draft.file.save("numbers.csv", ContentFile(text.encode()))
    go_on = threading.Event()

    def work() -> None:
        try:
            run_import(draft.pk, progress=lambda read, total: go_on.wait(60) and None, chunk_rows=1_000)
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    yield draft, go_on
    go_on.set()
    worker.join(60)


def test_the_page_counts_up_and_cancel_stops_the_list(log_in, running):
    draft, go_on = running
    page = log_in("manager")
    page.goto(f"/admin/leads/listimport/{draft.pk}/change/")

    page.get_by_text("1,000 of 3,000 rows").wait_for()
    expect(page.get_by_text("rows/s")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled. What was imported stays.").wait_for()
    go_on.set()

    expect(page.get_by_role("button", name="Go on after row 1,000")).to_be_visible()
    assert ListImport.objects.get().status == "cancelled"
    assert ListedNumber.objects.count() == 1_000
