"""`make screenshots`: the pictures of the docs, taken from a running `make run` with its demo."""

from __future__ import annotations

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
PAGES = {"home": "/admin/", "leads": "/admin/leads/lead/", "imports": "/admin/leads/listimport/"}
FIRST_OF = {
    "lead": "/admin/leads/lead/?stage=hot",
    "import": "/admin/leads/listimport/?o=9",
    "campaign": "/admin/outreach/campaign/",
    "market": "/admin/markets/market/",
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
        for suffix, size in (("", DESKTOP), ("-phone", PHONE)):
            page = browser.new_page(base_url=os.environ["PUBLIC_BASE_URL"], viewport=size)
            _log_in(page, "manager")
            _take_all(page, target, suffix)
        browser.close()
    return 0


def _take_all(page: Page, target: Path, suffix: str) -> None:
    for name, path in PAGES.items():
        _take(page, path, target / f"{name}{suffix}.png")
    for name, path in FIRST_OF.items():
        page.goto(path)
        page.locator("#result_list tbody a").first.click()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=target / f"{name}{suffix}.png")
    _upload(page)
    page.screenshot(path=target / f"import-mapping{suffix}.png")
    page.get_by_text("Discard").click()


def _upload(page: Page) -> None:
    """As far as the columns of a list; nothing is imported."""
    with tempfile.TemporaryDirectory() as directory:
        roll = write_demo_files(Path(directory), 200, only=("adjudicated",)).adjudicated
        page.goto("/admin/leads/listimport/add/")
        page.select_option("select[name=parish]", label="East Baton Rouge")
        page.select_option("select[name=source]", label="Adjudicated list")
        page.set_input_files("input[name=file]", roll)
        page.get_by_text("Upload and look").click()
        page.wait_for_load_state("networkidle")


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
