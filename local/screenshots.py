"""`make screenshots`: the pictures of the docs, taken from a running `OFFICE_HOURS=1 make run` with a fresh demo."""

from __future__ import annotations

import csv
import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from local import environment
from local.demo_data import write_demo_files
from local.people import DEMO_PASSWORD

TARGET = environment.PROJECT_DIR / "docs" / "screenshots"
PAGES = {
    "home": "/admin/",
    "leads": "/admin/leads/lead/",
    "imports": "/admin/leads/listimport/",
    "inbox-list": "/admin/outreach/thread/",
    "label-accuracy": "/admin/outreach/replylabel/",
}
CONVERSATIONS = {"inbox": "", "held-reply": "?held=1"}
FIRST_OF = {
    "lead": "/admin/leads/lead/?stage=hot",
    "import": "/admin/leads/listimport/?o=9",
    "campaign": "/admin/outreach/campaign/",
    "market": "/admin/markets/market/",
    "merge": "/admin/leads/duplicatepair/",
}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
DESKTOP, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)


def main() -> int:
    environment.set_development_defaults()
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser_path is None:
        print("screenshots: no Chromium on the path", file=sys.stderr)
        return 1
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        changes = _import_next_roll(browser.new_page(base_url=os.environ["PUBLIC_BASE_URL"], viewport=DESKTOP))
        for suffix, size in (("", DESKTOP), ("-phone", PHONE)):
            page = browser.new_page(base_url=os.environ["PUBLIC_BASE_URL"], viewport=size)
            _log_in(page, "manager")
            _take_all(page, target, suffix)
            _take(page, changes, target / f"roll-changes{suffix}.png")
        browser.close()
    return 0


def _take_all(page: Page, target: Path, suffix: str) -> None:
    for name, path in PAGES.items():
        _take(page, path, target / f"{name}{suffix}.png")
    for name, path in FIRST_OF.items():
        _open_first(page, path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=target / f"{name}{suffix}.png")
    for name, query in CONVERSATIONS.items():
        _open_conversation(page, query)
        page.screenshot(path=target / f"{name}{suffix}.png")
    _upload(page)
    page.screenshot(path=target / f"import-mapping{suffix}.png")
    page.get_by_text("Discard").click()


def _open_first(page: Page, path: str) -> None:
    """People of a fresh demo take a minute to answer, and outside contact hours they are not asked: then any row will
    do."""
    page.goto(path)
    rows = page.locator("#result_list tbody a")
    for _ in range(12):
        if not rows.count():
            page.wait_for_timeout(5_000)
            page.goto(path)
    if not rows.count():
        page.goto(path.partition("?")[0])
    rows.first.click()


def _open_conversation(page: Page, query: str) -> None:
    """The first that has a label, or one that is held; where there is none the list itself is shown."""
    page.goto(f"/admin/outreach/thread/{query}")
    rows = page.locator(".inbox-threads a")
    labelled = rows.filter(has_not_text="Held")
    chosen = rows if query or not labelled.count() else labelled
    if chosen.count():
        chosen.first.click()
    page.wait_for_load_state("networkidle")


def _upload(page: Page) -> None:
    """As far as the columns of a list; nothing is imported."""
    with tempfile.TemporaryDirectory() as directory:
        _send(page, write_demo_files(Path(directory), 200, only=("adjudicated",)).adjudicated, "Adjudicated list")


def _send(page: Page, path: Path, source: str) -> None:
    page.goto("/admin/leads/listimport/add/")
    page.select_option("select[name=parish]", label="East Baton Rouge")
    page.select_option("select[name=source]", label=source)
    page.set_input_files("input[name=file]", path)
    page.get_by_text("Upload and look").click()
    page.wait_for_load_state("networkidle")


def _import_next_roll(page: Page) -> str:
    """Imports the demo's roll of a year later; returns the address of the page of what has changed."""
    _log_in(page, "manager")
    with tempfile.TemporaryDirectory() as directory:
        _send(page, _next_roll(Path(directory)), "Tax roll")
    page.get_by_role("button", name="Start the import").click()
    link = page.locator("a[href*='/changes/']").first
    link.wait_for(timeout=120_000)
    address = str(link.get_attribute("href"))
    page.close()
    return address.partition("?")[0]


def _next_roll(directory: Path) -> Path:
    """With other owners, addresses and values here and there, and some parcels gone."""
    path = directory / "tax_roll_next_year.csv"
    roll = write_demo_files(directory, int(os.environ.get("DEMO_PARCELS", "5000")), only=("roll",)).roll
    with roll.open(newline="") as old, path.open("w", newline="") as new:
        rows = csv.DictReader(old)
        writer = csv.DictWriter(new, rows.fieldnames or ())
        writer.writeheader()
        for number, row in enumerate(rows):
            if number % 97 == 0:
                continue
            if number % 41 == 0:
                row["owner_name"] = "PELICAN STATE LAND LLC"
            elif number % 43 == 0:
                row["mailing_address"] = f"{100 + number} PERKINS RD"
            elif number % 31 == 0 and row["land_value"].replace(".", "").isdigit():
                row["land_value"] = str(float(row["land_value"]) * 1.25)
            writer.writerow(row)
    return path


def _take(page: Page, path: str, picture: Path) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=picture)


def _log_in(page: Page, user: str) -> None:
    page.goto("/admin/login/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.locator("form [type=submit]").click()
    page.wait_for_load_state()


if __name__ == "__main__":
    sys.exit(main())
