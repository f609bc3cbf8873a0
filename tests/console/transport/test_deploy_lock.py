"""The deploy lock as a file and behind a URL: read, compare, write."""

import asyncio
import errno
import fcntl
import json
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from console.domain.failure import FailureKind, SourceError
from console.domain.fleet import Fleet, Tls
from console.domain.lock import Lock
from console.domain.plan import ChangedError, ControlError
from console.domain.secret import Secret
from console.domain.surfaces import Freeze
from console.transport._lock_file import write_file
from console.transport.deploy_lock import LockPlace, look, place_of
from console.transport.http import Http
from tests.parts.lock_server import KEY, LockServer, serving

MINE = {
    "who": "ana@bastion",
    "why": "p99",
    "since": "2025-10-09T08:53:20.000Z",
    "until": None,
    "scope": "",
    "plan": "k3x9",
}
THEIRS = {**MINE, "who": "bob@laptop", "plan": "zzzz"}


@pytest_asyncio.fixture
async def http() -> AsyncIterator[Http]:
    made = Http({}, Tls())
    yield made
    await made.close()


def file_fleet(path: Path) -> Fleet:
    return Fleet("prod", freeze=Freeze(deploy_lock=str(path)))


def file_place(path: Path) -> LockPlace:
    place = place_of(file_fleet(path), Http({}, Tls()))
    assert place is not None
    return place


@pytest_asyncio.fixture
async def server() -> AsyncIterator[LockServer]:
    async with serving(LockServer()) as made:
        yield made


def url_fleet(server: LockServer, key: str = KEY) -> Fleet:
    return Fleet("prod", freeze=Freeze(deploy_lock=server.url, headers={"x-key": Secret(key)}))


def url_place(server: LockServer, http: Http, key: str = KEY) -> LockPlace:
    place = place_of(url_fleet(server, key), http)
    assert place is not None
    return place


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def failure(place: LockPlace) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await place.see()
    return caught.value


async def test_a_pipeline_of_another_user_can_read_the_lock_and_its_times(tmp_path: Path):
    old = os.umask(0o077)
    try:
        await file_place(tmp_path / "lock.json").put(MINE, None)
    finally:
        os.umask(old)
    path = tmp_path / "lock.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert json.loads(path.read_text()) == MINE
    assert names(tmp_path) == ["lock.json"]


async def test_without_settings_the_lock_is_kept_in_the_state_folder_and_its_name_cannot_leave_it(
    tmp_path: Path, http: Http
):
    fleet = Fleet("../../evil", state=str(tmp_path / "state"))
    place = place_of(fleet, http)
    assert place is not None
    assert await look(fleet, http) is None
    await place.put(MINE, None)
    assert [path.name for path in (tmp_path / "state" / "locks").iterdir()] == ["..%2F..%2Fevil.json"]
    assert await look(fleet, http) == Lock("ana@bastion", "p99", 1_760_000_000.0, None, "", "k3x9")
    assert place_of(Fleet("x"), http) is None


async def test_of_two_freezers_one_wins_and_the_other_learns_who(tmp_path: Path):
    places = [file_place(tmp_path / "lock.json") for _ in range(12)]
    tries = [place.put({**MINE, "who": f"w{i}"}, None) for i, place in enumerate(places)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    winners = [i for i, outcome in enumerate(outcomes) if outcome is None]
    assert len(winners) == 1
    losers = [outcome for outcome in outcomes if outcome is not None]
    assert all(isinstance(outcome, ChangedError) for outcome in losers)
    assert f'"who":"w{winners[0]}"' in str(losers[0])


async def test_a_lock_that_is_no_longer_as_expected_is_neither_replaced_nor_removed(tmp_path: Path):
    place = file_place(tmp_path / "lock.json")
    await place.put(THEIRS, None)
    for change in (MINE, None):
        with pytest.raises(ChangedError) as caught:
            await place.put(change, MINE)
        assert caught.value.actual == {"lock": THEIRS}
    assert json.loads((tmp_path / "lock.json").read_text()) == THEIRS
    await place.put(MINE, THEIRS)
    await place.put(None, MINE)
    assert not (tmp_path / "lock.json").exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is not JSON"),
        ("{", "it is not JSON"),
        ("[" * 100_000, "recursion"),
        ("[]", "not a deploy lock"),
        ('{"who": "ana"}', "not a deploy lock"),
        ('{"who": 4, "since": "2025-10-09T08:53:20Z"}', '"who" is not text'),
        ('{"who": "ana", "since": "yesterday"}', '"since" is not a time'),
        ('{"who": "ana", "since": NaN}', "NaN is no JSON"),
        ('{"who": "ana", "since": "2025-10-09T08:53:20Z", "until": 4}', '"until" is not a time'),
        ('{"who": "ana", "since": "2025-10-09T08:53:20Z", "undo": {}}', '"undo" is not a list'),
    ],
)
async def test_a_damaged_lock_is_unknown_and_never_no_lock(tmp_path: Path, text: str, why: str):
    (tmp_path / "lock.json").write_text(text)
    error = await failure(file_place(tmp_path / "lock.json"))
    assert error.failure.kind is FailureKind.GARBAGE
    assert "is damaged" in str(error)
    assert why in str(error)


async def test_a_lock_that_a_pipeline_wrote_by_hand_is_understood(tmp_path: Path):
    (tmp_path / "lock.json").write_text('{"who": "ci", "since": "2025-10-09T10:53:20+02:00"}')
    assert await look(file_fleet(tmp_path / "lock.json"), Http({}, Tls())) == Lock(
        "ci", "", 1_760_000_000.0, None, ""
    )


async def test_no_symbolic_link_is_followed_and_no_pipe_waited_for(tmp_path: Path):
    (tmp_path / "real.json").write_text(json.dumps(MINE))
    (tmp_path / "link.json").symlink_to("real.json")
    os.mkfifo(tmp_path / "pipe.json")
    assert "it is a symbolic link" in str(await failure(file_place(tmp_path / "link.json")))
    assert "not a regular file" in str(await failure(file_place(tmp_path / "pipe.json")))
    with pytest.raises(SourceError):
        await file_place(tmp_path / "link.json").put(None, MINE)
    assert json.loads((tmp_path / "real.json").read_text()) == MINE


async def test_a_share_that_is_not_mounted_is_not_an_absent_lock(tmp_path: Path):
    error = await failure(file_place(tmp_path / "share" / "lock.json"))
    assert "its folder does not exist" in str(error)
    assert error.failure.hint == "is a share not mounted?"
    with pytest.raises(ControlError, match="cannot be written"):
        await file_place(tmp_path / "share" / "lock.json").put(MINE, None)


async def test_a_lock_of_a_megabyte_and_more_is_not_read(tmp_path: Path):
    (tmp_path / "lock.json").write_bytes(b" " * (2**20 + 1))
    assert "it is over 1 MB" in str(await failure(file_place(tmp_path / "lock.json")))


@pytest.mark.parametrize("empty", [404, 204, 410])
async def test_a_server_that_has_none_means_no_lock(server: LockServer, http: Http, empty: int):
    server.empty = empty
    assert await look(url_fleet(server), http) is None


async def test_a_lock_behind_a_url_is_taken_replaced_and_removed_under_the_servers_preconditions(
    server: LockServer, http: Http
):
    place = url_place(server, http)
    await place.put(MINE, None)
    assert (await place.see()).raw == MINE
    await place.put(THEIRS, MINE)
    await place.put(None, THEIRS)
    assert (await place.see()).raw is None
    assert server.preconditions == ["PUT If-None-Match: *", 'PUT If-Match: "1"', 'DELETE If-Match: "2"']


async def test_who_writes_between_our_read_and_our_write_is_not_overwritten(server: LockServer, http: Http):
    place = url_place(server, http)
    server.meanwhile = json.dumps(THEIRS).encode()
    with pytest.raises(ChangedError, match="by somebody else meanwhile"):
        await place.put(MINE, None)
    server.meanwhile = json.dumps({**THEIRS, "why": "again"}).encode()
    with pytest.raises(ChangedError):
        await place.put(None, THEIRS)
    assert json.loads(server.body or b"")["why"] == "again"


@pytest.mark.parametrize("tags", ["", "weak"])
async def test_a_server_without_strong_tags_still_has_what_was_read_compared(http: Http, tags: str):
    async with serving(LockServer(tags=tags)) as server:
        place = url_place(server, http)
        await place.put(MINE, None)
        with pytest.raises(ChangedError) as caught:
            await place.put(None, THEIRS)
        assert caught.value.actual == {"lock": MINE}
        await place.put(None, MINE)
        assert server.body is None


async def test_a_wrong_key_is_a_missing_credential_and_is_not_repeated(server: LockServer, http: Http):
    error = await failure(url_place(server, http, "s3cret-guess"))
    assert error.failure.kind is FailureKind.FORBIDDEN
    assert error.failure.hint == "set freeze.headers in the settings"
    assert "s3cret-guess" not in repr(error.failure)


@pytest.mark.parametrize("status", [302, 500, 503])
async def test_any_other_answer_is_unknown_and_nothing_is_written(
    server: LockServer, http: Http, status: int
):
    server.status = status
    assert str(status) in str(await failure(url_place(server, http))) or status == 302
    with pytest.raises(SourceError):
        await url_place(server, http).put(MINE, None)
    assert "PUT" not in server.asked


async def test_a_server_that_is_away_is_unknown(http: Http):
    fleet = Fleet("prod", freeze=Freeze(deploy_lock="http://127.0.0.1:9/prod"))
    with pytest.raises(SourceError, match="connection refused"):
        await look(fleet, http)


async def test_where_folders_cannot_be_locked_a_first_lock_still_overwrites_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def cannot(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    def beaten(found: bytes | None) -> None:
        assert found is None
        path.write_text("theirs")

    path = tmp_path / "lock.json"
    monkeypatch.setattr(fcntl, "flock", cannot)
    with pytest.raises(ChangedError, match="appeared meanwhile"):
        await write_file(path, None, b"mine", beaten)
    assert (names(tmp_path), path.read_text()) == (["lock.json"], "theirs")
