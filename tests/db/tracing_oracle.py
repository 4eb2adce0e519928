"""Who met whom, in plain loops over whole minutes: what the search is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """A check-in: of a person, at a site (even: a checkpoint), in a minute, `in` or `out`."""

    person: int
    site: int
    at: int
    direction: str


@dataclass(frozen=True)
class Near:
    """Two persons whose devices were near each other."""

    a: int
    b: int
    begin: int
    end: int


@dataclass(frozen=True)
class Ask:
    """What is asked: by the minute; `shared` below zero says how far apart two may be."""

    person: int
    since: int
    until: int
    shared: int
    orders: int
    stay: int
    dwell: int


@dataclass(frozen=True)
class Visit:
    """Somebody at a site, both ends included."""

    person: int
    site: int
    begin: int
    end: int
    estimated: bool


@dataclass(frozen=True)
class Contact:
    """What is found of somebody."""

    degree: int
    meetings: int
    minutes: int
    first: int
    last: int
    estimated: bool


def visits(events: Iterable[Event], ask: Ask) -> list[Visit]:
    """The visits that check-ins, in their order, tell of."""
    by_place: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for event in events:
        by_place[event.person, event.site].append(event)
    return [one for at in by_place.values() for one in _visits(at, ask)]


def _visits(events: list[Event], ask: Ask) -> Iterator[Visit]:
    for index, event in enumerate(events):
        before = events[index - 1] if index else None
        after = events[index + 1] if index + 1 < len(events) else None
        begin = end = event.at
        estimated = False
        if event.site % 2:
            if event.direction == "in":
                estimated = not (
                    after and after.direction == "out" and after.at - event.at <= ask.stay
                )
                if after and not estimated:
                    end = after.at
                else:
                    end = min(event.at + ask.dwell, after.at if after else event.at + ask.dwell)
            elif before and before.direction == "in" and event.at - before.at <= ask.stay:
                continue  # It ends the visit that the one before began.
            else:
                begin = max(event.at - ask.dwell, before.at if before else event.at - ask.dwell)
                estimated = True
        yield Visit(event.person, event.site, begin, end, estimated)


def _cut(begin: int, end: int, since: int, until: int) -> tuple[int, int] | None:
    return (max(begin, since), min(end, until)) if end >= since and begin <= until else None


def met(
    seeds: dict[int, int], known: set[int], events: list[Event], nears: list[Near], ask: Ask
) -> dict[int, Contact]:
    """Who met any of the seeds, each from their own minute on, and is not known."""
    all_visits = visits(events, ask)
    meetings: dict[int, int] = defaultdict(int)
    shared: dict[int, int] = defaultdict(int)
    pairs: dict[int, list[tuple[int, int, bool]]] = defaultdict(list)
    own = [
        (one, cut)
        for one in all_visits
        if one.person in seeds
        and (cut := _cut(one.begin, one.end, seeds[one.person], ask.until)) is not None
    ]
    for other in all_visits:
        if other.person in known:
            continue
        found = []
        with_somebody: set[int] = set()
        for one, (begin, end) in own:
            theirs = _cut(other.begin, other.end, seeds[one.person], ask.until)
            if one.site != other.site or theirs is None:
                continue
            first, last = max(begin, theirs[0]), min(end, theirs[1])
            with_somebody |= set(range(first, last))
            if last - first >= ask.shared:
                found.append((first, max(first, last), one.estimated or other.estimated))
        if found:
            meetings[other.person] += 1
            shared[other.person] += len(with_somebody)
            pairs[other.person] += found
    for near in nears:
        for seed, other_one in ((near.a, near.b), (near.b, near.a)):
            if seed not in seeds or other_one in known:
                continue
            cut = _cut(near.begin, near.end, seeds[seed], ask.until)
            if cut is not None and cut[1] - cut[0] >= ask.shared:
                meetings[other_one] += 1
                shared[other_one] += cut[1] - cut[0]
                pairs[other_one].append((*cut, False))
    return {
        person: Contact(
            0,
            meetings[person],
            shared[person],
            min(first for first, _, _ in found),
            max(last for _, last, _ in found),
            all(estimated for _, _, estimated in found),
        )
        for person, found in pairs.items()
    }


def contacts(events: list[Event], nears: list[Near], ask: Ask) -> dict[int, Contact]:
    """The contacts of somebody, and with two orders theirs, from when they were met themselves."""
    first = met({ask.person: ask.since}, {ask.person}, events, nears, ask)
    found = {person: _of(1, one) for person, one in first.items()}
    if ask.orders == 2:
        exposed = {person: one.first for person, one in first.items()}
        second = met(exposed, {ask.person, *first}, events, nears, ask)
        found |= {person: _of(2, one) for person, one in second.items()}
    return found


def _of(degree: int, one: Contact) -> Contact:
    return Contact(degree, one.meetings, one.minutes, one.first, one.last, one.estimated)
