"""Fetching a list over https from a real server: what is refused before a byte is believed, and what is asked for."""

from __future__ import annotations

import hashlib
import threading

import pytest
import urllib3

from leads.feeds import https
from leads.feeds.found import FeedError
from leads.feeds.https import Address, check_url, fetch_list
from local.engines import free_port
from tests.leads.feeds.conftest import ROLL


def test_a_list_comes_with_its_name_its_hash_and_what_to_ask_with_next_time(site):
    url = site.serve("/open%20data/roll.csv", ROLL, ETag='"v1"', Last_Modified="Mon, 02 Nov 2026 10:00:00 GMT")

    answer = fetch_list(Address(url))

    assert answer.fetched is not None
    with answer.fetched.content as content:
        assert content.read() == ROLL.encode()
    assert (answer.fetched.name, answer.fetched.sha256) == ("roll.csv", hashlib.sha256(ROLL.encode()).hexdigest())
    assert (answer.etag, answer.last_modified) == ('"v1"', "Mon, 02 Nov 2026 10:00:00 GMT")


def test_what_has_not_changed_is_not_sent_again(site):
    url = site.serve("/roll.csv", ROLL, ETag='"v1"')

    answer = fetch_list(Address(url, etag='"v1"', last_modified="Mon, 02 Nov 2026 10:00:00 GMT"))

    assert answer.fetched is None
    assert answer.etag == '"v1"'
    asked = site.asked[0][1]
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"v1"', "Mon, 02 Nov 2026 10:00:00 GMT")


def test_the_server_may_name_the_file(site):
    url = site.serve("/download", ROLL, Content_Disposition='attachment; filename="../../etc/roll 2026.csv"')

    answer = fetch_list(Address(url))

    assert answer.fetched is not None
    answer.fetched.content.close()
    assert answer.fetched.name == "roll 2026.csv"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/roll.csv", "the address must begin with https://"),
        ("file:///etc/passwd", "the address must begin with https://"),
        ("https:///roll.csv", "the address names no server"),
        ("https://jean:secret@example.com/roll.csv", "a name or password does not belong in the address; use the key"),
        ("https://[::1", "this is not an address"),
        ("https://example.com:99999/", "this is not an address"),
    ],
)
def test_only_https_addresses_without_a_password_are_taken(url, said):
    with pytest.raises(FeedError) as refused:
        check_url(url)
    assert str(refused.value) == said


def test_nothing_is_asked_of_a_private_network(site, settings):
    settings.IMPORT_FEED_PRIVATE_ADDRESSES = False
    url = site.serve("/roll.csv", ROLL)

    with pytest.raises(FeedError, match=r"^127\.0\.0\.1 is on a private network, from which no lists are fetched$"):
        fetch_list(Address(url))
    assert site.asked == []


def test_a_name_that_leads_home_is_looked_through(site, settings):
    settings.IMPORT_FEED_PRIVATE_ADDRESSES = False
    url = site.serve("/roll.csv", ROLL).replace("127.0.0.1", "localhost")

    with pytest.raises(FeedError, match=r"^localhost is on a private network"):
        fetch_list(Address(url))
    assert site.asked == []


@pytest.mark.parametrize(
    ("peer", "is_private"),
    [("10.0.0.1", True), ("169.254.169.254", True), ("::1", True), ("::ffff:192.168.1.1", True), ("fe80::1%eth0", True),
     ("100.64.0.1", True), ("2002:7f00:1::", True), ("224.0.0.1", True), ("93.184.216.34", False),
     ("2606:2800:220:1::1", False)],
)  # fmt: skip
def test_which_addresses_are_private(peer, is_private, settings):
    settings.IMPORT_FEED_PRIVATE_ADDRESSES = False
    if is_private:
        with pytest.raises(FeedError):
            https._refuse_private(peer, "host")
    else:
        https._refuse_private(peer, "host")


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(site, settings):
    settings.IMPORT_FEED_CA_FILE = ""
    url = site.serve("/roll.csv", ROLL)

    with pytest.raises(FeedError, match=r"^127\.0\.0\.1: its certificate is not trusted$"):
        fetch_list(Address(url))
    assert site.asked == []


def test_a_redirect_is_followed(site):
    site.serve("/new.csv", ROLL)
    url = site.serve("/old.csv", "", status=302, Location="/new.csv")

    answer = fetch_list(Address(url, "X-Key", "geheim"))

    assert answer.fetched is not None
    answer.fetched.content.close()
    keys = [(path, headers.get("X-Key")) for path, headers in site.asked]
    assert keys == [("/old.csv", "geheim"), ("/new.csv", "geheim")]


def test_a_key_does_not_follow_to_another_server():
    here = Address("https://data.example.gov/roll.csv", "X-Key", "geheim")

    assert https._headers(here, "https://data.example.gov/b.csv")["X-Key"] == "geheim"
    for url in ("https://elsewhere.example.com/roll.csv", "https://data.example.gov:8443/roll.csv"):
        assert "X-Key" not in https._headers(here, url)


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("http://127.0.0.1/roll.csv", "127.0.0.1 redirects to an address that is not https"),
        ("ftp://127.0.0.1/roll.csv", "127.0.0.1 redirects to an address that is not https"),
        ("/round", "127.0.0.1 redirects more than 5 times"),
    ],
)
def test_redirects_lead_only_to_https_and_not_for_ever(site, location, said):
    url = site.serve("/round", "", status=301, Location=location)

    with pytest.raises(FeedError) as refused:
        fetch_list(Address(url))
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "127.0.0.1 answered 401: it wants a key, or another one"),
        (404, "127.0.0.1 answered 404: there is no such file"),
        (503, "127.0.0.1 answered 503: the server is in trouble"),
        (204, "127.0.0.1 answered 204"),
    ],
)
def test_an_answer_that_is_no_list_is_said_in_one_line(site, status, said):
    url = site.serve("/roll.csv", "", status=status)

    with pytest.raises(FeedError) as refused:
        fetch_list(Address(url))
    assert str(refused.value) == said


def test_a_web_page_is_no_list(site):
    url = site.serve("/roll.csv", "\n<!DOCTYPE html><title>Log in</title>")

    with pytest.raises(FeedError, match="answered with a web page, not a list; it may want a log-in"):
        fetch_list(Address(url))


def test_a_file_that_is_announced_too_large_is_not_read(site, settings):
    settings.IMPORT_MAX_BYTES = 1000
    url = site.serve("/roll.csv", "x" * 1001)

    with pytest.raises(FeedError, match=r"sends more than 1000 bytes, which is more than may be imported"):
        fetch_list(Address(url))


def test_a_file_that_turns_out_too_large_is_broken_off(site, settings):
    settings.IMPORT_MAX_BYTES = 200_000
    sent = []

    def pour(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(10_000):
            handler.wfile.write(b"x" * 10_000)
            sent.append(10_000)

    site.answers["/roll.csv"] = pour

    with pytest.raises(FeedError, match="sends more than"):
        fetch_list(Address(f"{site.url}/roll.csv"))
    assert sum(sent) < 50_000_000


def test_a_file_that_breaks_off_is_no_list(site):
    def half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(ROLL.encode())
        handler.close_connection = True

    site.answers["/roll.csv"] = half

    with pytest.raises(FeedError, match=r"^127\.0\.0\.1: the file broke off$"):
        fetch_list(Address(f"{site.url}/roll.csv"))


def test_a_server_that_trickles_is_broken_off(site, monkeypatch):
    monkeypatch.setattr(https, "MOST_SECONDS", -1)
    url = site.serve("/roll.csv", ROLL)

    with pytest.raises(FeedError, match="was still sending after"):
        fetch_list(Address(url))


def test_nobody_answers(site):
    site.answers["/roll.csv"] = lambda handler: handler.connection.shutdown(2)

    with pytest.raises(FeedError, match=r"^127\.0\.0\.1: the connection failed$"):
        fetch_list(Address(f"{site.url}/roll.csv"))
    with pytest.raises(FeedError, match=r"^127\.0\.0\.1: the server cannot be reached$"):
        fetch_list(Address(f"https://127.0.0.1:{free_port()}/roll.csv"))


def test_a_server_that_is_silent_is_left_in_time(site, monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(https, "TIMEOUT", urllib3.Timeout(connect=5, read=0.2))
    site.answers["/roll.csv"] = lambda handler: released.wait(10) and None

    try:
        with pytest.raises(FeedError, match=r"^127\.0\.0\.1: no answer in time$"):
            fetch_list(Address(f"{site.url}/roll.csv"))
    finally:
        released.set()
