"""Another console's freeze reaches the picture, from a file and from a URL."""

from pathlib import Path

import pytest

from console.domain.failure import SourceError
from console.domain.fleet import Fleet, Tls
from console.domain.lock import SOURCE, Lock, LockReading, lock_json
from console.domain.secret import Secret
from console.domain.surfaces import Freeze
from console.ports import Source
from console.sources import deploy_lock
from console.transport.deploy_lock import place_of
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.clock import HandClock
from tests.parts.lock_server import KEY, LockServer, serving
from tests.snapshots import frozen


def the_source(fleet: Fleet, http: Http) -> Source:
    (source,) = deploy_lock.sources(fleet, Kit(HandClock(), http))
    return source


def test_a_fleet_without_a_place_for_a_lock_has_no_source() -> None:
    assert deploy_lock.sources(Fleet("prod"), Kit(HandClock(), Http({}, Tls()))) == []


async def test_a_lock_that_another_console_takes_is_seen_at_the_next_look(tmp_path: Path) -> None:
    http = Http({}, Tls())
    fleet = Fleet("prod", state=str(tmp_path))
    source = the_source(fleet, http)
    assert (source.name, source.target) == (SOURCE, None)
    assert source.every <= 3
    assert await source.poll() == LockReading(None)
    place = place_of(fleet, http)
    assert place is not None
    await place.put(lock_json(frozen()), None)
    assert await source.poll() == LockReading(frozen())


async def test_a_lock_behind_a_url_is_looked_at_with_its_header() -> None:
    async with serving(LockServer(body=b'{"who": "ci", "since": "2025-10-09T08:53:20Z"}')) as server:
        http = Http({}, Tls())
        source = the_source(
            Fleet("prod", freeze=Freeze(deploy_lock=server.url, headers={"x-key": Secret(KEY)})), http
        )
        assert await source.poll() == LockReading(Lock("ci", "", 1_760_000_000.0, None, ""))
        server.status = 503
        with pytest.raises(SourceError, match="HTTP 503"):
            await source.poll()
        await http.close()
