"""The page that shows the simulated traffic: the scenario, what became of the texts, and one line per text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from html import escape
from operator import itemgetter
from string import Template
from typing import Any
from urllib.parse import urlencode

from local.twilio_simulator.account import Account
from local.twilio_simulator.faults import Faults, WebhookFaults
from local.twilio_simulator.messages import Message
from local.twilio_simulator.scenario import Scenario

SHOWN = 200
REFRESH = """setInterval(() => document.querySelector("input:focus, details[open]") || location.reload(), 5000);"""
"""Not while somebody writes, or reads the settings."""
_PAGE = Template("""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Simulated phones</title>
<script src="/simulator/refresh.js" defer></script>
<style>
body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;padding:1.5rem;max-width:84rem;color:#1f2933;background:#fafbfc}
h1{margin:0;font-size:1.5rem}p{margin:.3rem 0}.quiet{color:#616e7c}section{margin:1.1rem 0}
.card{background:#fff;border:1px solid #e4e7eb;border-radius:8px;padding:.8rem 1rem}
.tiles{display:flex;flex-wrap:wrap;gap:.6rem}.tile{min-width:6.2rem;text-decoration:none;color:inherit}
.tile b{display:block;font-size:1.35rem}.tile.on{border-color:#2563eb;box-shadow:0 0 0 1px #2563eb}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}input{padding:.4rem .5rem;border:1px solid #cbd2d9;
border-radius:6px;font:inherit;min-width:0}input[name=body]{flex:1 1 14rem}
input[name=number]{flex:0 1 18rem}summary{cursor:pointer;margin:.2rem 0}input[name=media]{width:4.5rem}
button{padding:.4rem .9rem;border:0;border-radius:6px;background:#2563eb;color:#fff;font:inherit}
.wide{overflow-x:auto;padding:0}table{border-collapse:collapse;width:100%}td,th{padding:.45rem .7rem;text-align:left;
vertical-align:top;border-bottom:1px solid #eef1f4}th{font-size:.8rem;color:#616e7c;font-weight:600}
td.n{white-space:nowrap;font-variant-numeric:tabular-nums}td.text{min-width:15rem;overflow-wrap:anywhere}
tr.inbound{background:#effaf3}.chip{display:inline-block;border-radius:9px;padding:0 .5rem;font-size:.85rem;
background:#e4e7eb;white-space:nowrap;margin:0 .2rem .15rem 0}.delivered,.received{background:#c6f0d3}
.undelivered,.bad{background:#ffd5d1}.fault{background:#ffeec2}a{color:#1d4ed8}
@media(max-width:45rem){tr{display:block;padding:.4rem .7rem;border-bottom:1px solid #eef1f4}tr:has(th){display:none}
td,td.n{display:inline-block;border:0;padding:.1rem .5rem .1rem 0}td.text{display:block}}
</style>
<h1>Simulated phones</h1>
<p class="quiet">$scenario</p>$faults
<section class="tiles">$tiles</section>
<section class="card"><form method="get" action="/simulator/"><label for="number">Only texts with the number</label>
<input id="number" name="number" value="$number" placeholder="+1225555... or its last digits">$kept<button>Show</button>
$clear</form></section>
<section class="card"><form method="post" action="/simulator/inbound"><span>A person texts us</span>
<input name="from" placeholder="from +1225..." aria-label="from" required>
<input name="to" placeholder="to (our number)" aria-label="to" value="$ours" required>
<input name="body" placeholder="text" aria-label="text">
<input name="media" placeholder="pictures" aria-label="pictures" inputmode="numeric"><button>Send</button></form>
</section>
<p class="quiet">$found</p>
$table
$refused</html>""")


def draw_page(account: Account, query: Mapping[str, str]) -> str:
    number, status = query.get("number", "").strip(), query.get("status", "")
    everything = account.messages.newest_first()
    mine = [message for message in everything if _is_with(message.to, message.from_, number)]
    found = [message for message in mine if status in ("", message.status)]
    log = account.journal.as_json()
    posts = _posts_by_sid(log)
    pending = account.timetable.pending()
    return _PAGE.substitute(
        scenario=escape(_about(account.scenario)),
        faults=_faults(account.scenario),
        tiles=_tiles(mine, log, pending, number, status),
        number=escape(number),
        kept=f'<input type="hidden" name="status" value="{escape(status)}">' if status else "",
        clear='<a href="/simulator/">Show all</a>' if number or status else "",
        ours=escape(next((m.from_ for m in everything if m.direction != "inbound"), "")),
        found=escape(_found(len(found), len(everything))),
        table=_table([_row(message, posts[message.sid]) for message in found[:SHOWN]]),
        refused=_refused(log, number),
    )


def _about(scenario: Scenario) -> str:
    skew = f", clock {scenario.clock_skew:+g} s" if scenario.clock_skew else ""
    return f"Scenario {scenario.name}, seed {scenario.seed}{skew}. {scenario.about}"


def _faults(scenario: Scenario) -> str:
    lines = [*_in_words(scenario.faults), *_shares("replies", scenario.replies)]
    lines += [f"numbers ending in {ending}: {_first(faults)}" for ending, faults in scenario.numbers.items()]
    if scenario.people:
        lines.append(f"{scenario.people.share:.0%} of the people answer")
    if scenario.strangers:
        lines.append(f"{len(scenario.strangers)} strangers write")
    chips = "".join(_chip(line, "fault") for line in lines)
    return f"<details><summary>{len(lines)} settings of the scenario</summary>{chips}</details>" if lines else ""


def _in_words(faults: Faults) -> list[str]:
    texts = faults.texts
    by_code = [f"refused {code}: {share:.3g}" for code, share in texts.refused.items()]
    by_code += [f"undelivered {code}: {share:.3g}" for code, share in texts.undelivered.items()]
    plain = ("cut_off", "no_answer", "failed_answer", "slow_insert")
    named = [f"{name.replace('_', ' ')}: {getattr(texts, name):.3g}" for name in plain if getattr(texts, name)]
    return [*by_code, *named, *_shares("callbacks", faults.callbacks)]


def _first(faults: Faults) -> str:
    return ", ".join(line.removesuffix(": 1") for line in _in_words(faults)) or "delivered"


def _shares(what: str, faults: WebhookFaults) -> list[str]:
    shares = {field.name: getattr(faults, field.name) for field in fields(faults)}
    return [f"{what} {name}: {share:.3g}" for name, share in shares.items() if share]


def _tiles(mine: Sequence[Message], log: dict[str, Any], pending: int, number: str, chosen: str) -> str:
    counts, sids = Counter(message.status for message in mine), {message.sid for message in mine}
    tiles = [_tile(status, count, number, chosen) for status, count in sorted(counts.items())]
    plain = {
        "refused": len(_with(log["refused"], number)),
        "cut off": len(_with(log["cut_off"], number)),
        "callbacks lost": sum(entry["sid"] in sids for entry in log["callbacks_lost"]),
        "replies lost": sum(entry["sid"] in sids for entry in log["inbound_lost"]),
        "webhooks due": pending,
    }
    tiles += [f'<div class="card tile"><b>{count:,}</b>{name}</div>' for name, count in plain.items()]
    return "".join(tiles)


def _tile(status: str, count: int, number: str, chosen: str) -> str:
    wanted = {"number": number, "status": "" if status == chosen else status}
    query = urlencode({name: value for name, value in wanted.items() if value})
    mark = " on" if status == chosen else ""
    return f'<a class="card tile{mark}" href="/simulator/?{escape(query)}"><b>{count:,}</b>{escape(status)}</a>'


def _found(found: int, everything: int) -> str:
    if not everything:
        return "No texts yet. What the product sends, and what people answer, appears here by itself."
    shown = f", the newest {SHOWN} are shown" if found > SHOWN else ""
    return f"{found:,} of {everything:,} texts{shown}."


def _table(rows: list[str]) -> str:
    head = "<tr><th>time (UTC)<th>from<th>to<th>text<th>status<th>webhooks to us</tr>"
    return f'<section class="card wide"><table>{head}{"".join(rows)}</table></section>' if rows else ""


def _row(message: Message, posts: list[str]) -> str:
    cells = (f"{message.created:%H:%M:%S}", message.from_, message.to)
    plain = "".join(f'<td class="n">{escape(cell)}' for cell in cells)
    pictures = _chip(f"{message.media} picture{'s' * (message.media > 1)}", "") if message.media else ""
    parts = _chip(f"{message.segments} segments", "") if message.segments > 1 else ""
    status = _chip(f"{message.status} {message.error_code or ''}".strip(), message.status)
    faults = "".join(_chip(fault, "fault") for fault in message.faults)
    return (
        f'<tr class="{message.direction}">{plain}<td class="text">{escape(message.body)} {parts}{pictures}'
        f"<td>{status}{faults}<td>{''.join(posts)}</tr>"
    )


def _posts_by_sid(log: dict[str, Any]) -> dict[str, list[str]]:
    posts: dict[str, list[str]] = defaultdict(list)
    for post in [*log["callbacks"], *log["inbound_posts"]]:
        fine = post["response"] is not None and post["response"] < 300
        answer = "" if fine else f" → {post['response'] or 'nobody answered'}"
        posts[post["sid"]].append(_chip(post["status"] + answer, "" if fine else "bad"))
    for lost in log["callbacks_lost"]:
        posts[lost["sid"]].append(_chip(f"{lost['status']} lost", "fault"))
    for lost in log["inbound_lost"]:
        posts[lost["sid"]].append(_chip("lost", "fault"))
    return posts


def _refused(log: dict[str, Any], number: str) -> str:
    """And those that were cut off: nothing else is left of either."""
    unheard = [*log["refused"], *log["cut_off"]]
    rows = "".join(
        f'<tr><td class="n">{entry["at"][11:19]}<td class="n">{escape(entry["to"])}<td class="text">'
        f"{escape(entry['body'])}<td>{_chip(_answer_of(entry), 'bad')}</tr>"
        for entry in sorted(_with(unheard, number), key=itemgetter("at"), reverse=True)[:SHOWN]
    )
    if not rows:
        return ""
    return (
        '<h2 style="font-size:1.1rem">Refused and cut off</h2><section class="card wide"><table><tr><th>time (UTC)'
        f"<th>to<th>text<th>answer</tr>{rows}</table></section>"
    )


def _answer_of(entry: dict[str, Any]) -> str:
    return f"{entry['http']}: {entry['code']}" if "code" in entry else "cut off"


def _with(entries: list[dict[str, Any]], number: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if _is_with(entry["to"], "", number)]


def _is_with(to: str, from_: str, number: str) -> bool:
    """A number in full or its last digits, with or without punctuation."""
    digits = "".join(character for character in number if character.isdigit())
    return not digits or to.endswith(digits) or from_.endswith(digits)


def _chip(text: str, kind: str) -> str:
    return f'<span class="chip {escape(kind)}">{escape(text)}</span>'
