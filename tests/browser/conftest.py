"""A real Chromium on the pages of a live server. Without one these tests are skipped, unless REQUIRE_BROWSER is set."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

if TYPE_CHECKING:
    from core.models import User

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, (shutil.which(name) for name in NAMES)), None)
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set and no Chromium was found on the path")
        pytest.skip("no Chromium on the path: browser tests need one (Debian: apt-get install chromium)")
    # Playwright runs an event loop in this thread, in which Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def log_in(browser: Browser, live_server: LiveServer) -> Iterator[Callable[[str], Page]]:
    """Opens a page as a person with this role, already logged in; fails the test on a script error."""
    contexts, errors = [], []

    def as_role(role: str) -> Page:
        client = Client()  # of its own: two people may be logged in at once
        client.force_login(person(role))
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield as_role
    for context in contexts:
        context.close()
    assert errors == []


def person(role: str) -> User:
    from django.contrib.auth.models import Group

    from tests.factories import UserFactory

    user: User = UserFactory(username=f"{role}-in-a-browser")
    user.groups.add(Group.objects.get(name=role))
    return user
