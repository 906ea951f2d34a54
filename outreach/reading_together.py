"""Several replies in one request. What is said about one must not depend on its neighbours: answers are matched by id,
each has to quote its own reply, and what may want to speak for others is asked about alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from outreach.language_model import GroupModel, ModelError, ModelReading
from outreach.plain_words import flatten
from outreach.reading import Reader, Reading, and_before, judge_answer, read_by_models

MOST_CHARACTERS = 4000
"""Of all replies of one request."""
LONGEST = 600
"""A longer one is asked about alone: there is room in it for anything."""

_ALONE = re.compile(
    r"[{}<>\[\]`]|\bjson\b|\bid\b|\b(?:label|classif|categor|mark|output|respond|prompt|instruct)\w*"
    r"|\b(?:all|any|each|every|other|another|next|previous|prior|following|above|below|remaining|rest|entire)s?\b.{0,30}"
    r"\b(?:repl|messag|text|answer|entr|item|person|people|owner|one|response|other)\w*"
    r"|\b(?:everyone|everybody|the rest|these people|others)\b"
    r"|\b(?:los demas|l[oa]s otr[oa]s|tod[oa]s|mensajes?|respuestas?|les autres|tous|toutes|messages|reponses?)\b"
    r"|\b(?:etiquet|clasific|marca|contest|respond|repond|instruc|ignor|olvid|oubli)\w*",
    re.IGNORECASE | re.DOTALL,
)

Outcome = Reading | ModelError


@dataclass(frozen=True)
class GroupReader(Reader):
    """One whose model reads several at once."""

    model: GroupModel


def stands_alone(body: str) -> bool:
    """Whether a reply gets a request of its own. Wrongly said it costs a call, and nothing else."""
    return len(body) > LONGEST or bool(_ALONE.search(flatten(body))) or not body.isprintable()


def in_groups(bodies: Mapping[int, str], most: int) -> Iterator[dict[int, str]]:
    """By count and by characters; in their order, but for those that stand alone."""
    group: dict[int, str] = {}
    for key, body in bodies.items():
        if stands_alone(body):
            yield {key: body}
            continue
        if group and (len(group) >= most or sum(map(len, group.values())) + len(body) > MOST_CHARACTERS):
            yield group
            group = {}
        group[key] = body
    if group:
        yield group


def read_together(bodies: Mapping[int, str], readers: Sequence[GroupReader]) -> dict[int, Outcome]:
    """What each of them means, or the fault that kept it from being read."""
    if len(bodies) == 1 or not readers:
        return {key: _alone(body, readers) for key, body in bodies.items()}
    found: dict[int, Outcome] = {}
    for reader in readers:
        found |= _by_reader({key: body for key, body in bodies.items() if _is_open(found.get(key))}, reader, found)
    return found


def _is_open(outcome: Outcome | None) -> bool:
    return outcome is None or (isinstance(outcome, Reading) and not outcome.label)


def _by_reader(bodies: Mapping[int, str], reader: GroupReader, before: Mapping[int, Outcome]) -> dict[int, Outcome]:
    if not bodies:
        return {}
    try:
        answers = reader.model.read_replies(bodies)
    except ModelError as fault:
        return dict.fromkeys(bodies, fault)
    found: dict[int, Outcome] = {}
    for key, body in bodies.items():
        now = judge_answer(body, answers[key], reader.tier, reader.sure)
        earlier = before.get(key)
        now = and_before(earlier, now) if isinstance(earlier, Reading) else now
        found[key] = _once_more(body, now, reader, found) if _is_mixed_up(key, bodies, answers) else now
    return found


def _is_mixed_up(key: int, bodies: Mapping[int, str], answers: Mapping[int, ModelReading]) -> bool:
    """No answer that is surely about this reply: none under its id, or words that are not its own, or that a neighbour
    of another label has written, too: the two may have been confused."""
    body, answer = bodies[key], answers[key]
    if not answer.label or answer.evidence not in body:
        return True
    others = [bodies[other] for other in bodies if answers[other].label != answer.label and bodies[other] != body]
    return bool(answer.evidence) and any(answer.evidence in other for other in others)


def _once_more(body: str, before: Reading, reader: GroupReader, so_far: Mapping[int, Outcome]) -> Outcome:
    """In a request of its own, unless one of the group has just found the model out of reach."""
    for outcome in so_far.values():
        if isinstance(outcome, ModelError) and not outcome.permanent:
            return outcome
    outcome = _alone(body, [reader])
    return and_before(before, outcome) if isinstance(outcome, Reading) else outcome


def _alone(body: str, readers: Sequence[Reader]) -> Outcome:
    try:
        return read_by_models(body, readers)
    except ModelError as fault:
        return fault
