"""Who else was paged: the alerts that the fleet's Alertmanager holds."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from console.domain.around import Page, PagesReading, PageState
from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.instant import instant
from console.domain.text import visible
from console.ports import Clock, Source
from console.transport.http import JSON_LIMIT, Answer, Http
from console.transport.kit import Kit

EVERY_S = 15.0
MOST = 500
_TIMEOUT_S = 5.0
_PART = "alertmanager"
# Read in one stretch on the loop.
_AT_ONCE = 100
_LABELS = 30
_NAMES = 20
_HINT = "give its base URL, usually http://HOST:9093"
_SUMMARIES = ("summary", "message", "description")
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source where the settings name an Alertmanager."""
    return [AlertmanagerSource(fleet.alertmanager, kit.http, kit.clock)] if fleet.alertmanager else []


class AlertmanagerSource:
    """Asks for all alerts that were not resolved, also silenced and inhibited ones. It is sent no credentials."""

    def __init__(self, url: str, http: Http, clock: Clock) -> None:
        self.name = _PART
        self.target: str | None = None
        self.every = EVERY_S
        self.timeout = _TIMEOUT_S
        self._url = url
        self._http = http
        self._clock = clock

    async def poll(self) -> PagesReading:
        """At most ``MOST`` alerts; SourceError where the answer is not Alertmanager's."""
        url = f"{self._url}/api/v2/alerts"
        answer = await self._http.ask(url, _PART, JSON_LIMIT, {"unprocessed": "false"})
        if answer.status != 200:
            raise SourceError(_refused(answer, url))
        pages: list[Page] = []
        odd = 0
        try:
            for number, raw in enumerate(_each(answer.body.decode(errors="replace"))):
                page = read_page(raw)
                odd += page is None
                pages += [page] if page else []
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)
        except (ValueError, RecursionError) as error:
            said = f"{_PART}: {url} did not answer as Alertmanager does"
            raise SourceError(Failure(FailureKind.GARBAGE, _PART, said, _HINT)) from error
        pages.sort(key=lambda page: (page.state is PageState.SUPPRESSED, -page.since))
        notes = tuple(_notes(len(pages), odd))
        return PagesReading(tuple(pages[:MOST]), self._url, self._clock.now(), notes)

    async def close(self) -> None:
        """Nothing to release: the session is the fleet's."""


def _each(text: str) -> Iterator[Any]:
    """The items of a JSON list one by one, so that many of them never hold the loop; raises ValueError."""
    at = _skipped(text, 0)
    if text[at : at + 1] != "[":
        raise ValueError("not a list")
    at = _skipped(text, at + 1)
    while text[at : at + 1] != "]":
        item, at = _DECODER.raw_decode(text, at)
        yield item
        at = _skipped(text, at)
        if text[at : at + 1] == ",":
            at = _skipped(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError("a list that does not end")


def _skipped(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def read_page(raw: Any) -> Page | None:
    """One alert; None for what is none."""
    labels = _texts(_member(raw, "labels"), _LABELS)
    since = instant(_member(raw, "startsAt"))
    if not labels or since is None:
        return None
    status = _member(raw, "status")
    silenced = (*_list(_member(status, "silencedBy")), *_list(_member(status, "inhibitedBy")))
    suppressed = _member(status, "state") == PageState.SUPPRESSED
    notes = _texts(_member(raw, "annotations"), _LABELS)
    return Page(
        fingerprint=visible(str(_member(raw, "fingerprint") or ""), 64),
        name=labels.get("alertname", ""),
        severity=labels.get("severity", ""),
        labels=labels,
        since=since,
        state=PageState.SUPPRESSED if suppressed else PageState.ACTIVE,
        receivers=tuple(
            visible(str(_member(each, "name") or ""), 80) for each in _list(_member(raw, "receivers"))
        ),
        silenced_by=tuple(visible(str(each), 64) for each in silenced),
        summary=next((notes[key] for key in _SUMMARIES if notes.get(key)), ""),
        url=visible(str(_member(raw, "generatorURL") or ""), 500),
    )


def _texts(raw: Any, most: int) -> dict[str, str]:
    """A mapping's first texts, made harmless."""
    found = list(raw.items())[:most] if isinstance(raw, Mapping) else []
    return {visible(str(key), 80): visible(str(value)) for key, value in found}


def _member(raw: Any, name: str) -> Any:
    return raw.get(name) if isinstance(raw, Mapping) else None


def _list(raw: Any) -> list[Any]:
    return raw[:_NAMES] if isinstance(raw, list) else []


def _notes(found: int, odd: int) -> Iterator[str]:
    if found > MOST:
        yield f"{_PART}: {found} alerts, of which {MOST} are kept: the newest, and silenced ones last"
    if odd:
        yield f"{_PART}: {odd} alert{'s' if odd > 1 else ''} could not be read"


def _refused(answer: Answer, url: str) -> Failure:
    if answer.status in {401, 403}:
        said = f"{_PART}: HTTP {answer.status} at {url}: it wants a credential, and is sent none"
        return Failure(FailureKind.FORBIDDEN, _PART, said, "give an address that takes requests without one")
    said = visible(answer.body.decode(errors="replace"), 120)
    return Failure(FailureKind.STATUS, _PART, f"{_PART}: HTTP {answer.status} at {url}: {said}", _HINT)
