"""A replay on the screens: its keys move it, nothing is changed or written, and time is the recording's."""

import pytest

from console.domain.journal import Record
from console.domain.lock import Lock
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Playback
from console.domain.snapshot import Snapshot
from screens.commands import COMMAND_TABLE, available
from tests.parts.knobs import Bench
from tests.screens.acts import picture, ran, two_knobs
from tests.screens.stage import SIZES, Stage, StillPlayer, staged
from tests.snapshots import NOW, alert, down_target, fleet, snapshot

PLAYED = Playback("/var/lib/night.tcrec", NOW - 751, NOW - 751 + 3600)
PAGES = ("1", "2", "3", "4", "5", "6")


def played(playback: Playback = PLAYED, **changes: object) -> Snapshot:
    return picture(playback=playback, fleet=fleet("triton-0", read_only=True), **changes)


def player(stage: Stage) -> StillPlayer:
    assert stage.engine.player is not None
    return stage.engine.player


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("space", ("toggle", 0)),
        ("left_square_bracket", ("step", -1)),
        ("right_square_bracket", ("step", 1)),
        ("left_curly_bracket", ("jump", -1)),
        ("right_curly_bracket", ("jump", 1)),
        ("plus", ("speed", 2)),
        ("equals_sign", ("speed", 2)),
        ("minus", ("speed", 0.5)),
    ],
)
async def test_each_key_moves_the_replay_on_every_screen(key: str, asked: tuple[str, float]) -> None:
    async with staged(played()) as stage:
        for page in PAGES:
            await stage.press(page, key)
        assert player(stage).asked == [asked] * len(PAGES)
        assert "PAUSED" not in stage.lines[0]


@pytest.mark.parametrize("key", ["[", "]", "{", "}", "+", "=", "-", "@"])
async def test_the_keys_do_nothing_while_watching(key: str) -> None:
    async with staged(picture()) as stage:
        before = stage.lines[1:]
        await stage.press(key)
        assert stage.lines[1:] == before


@pytest.mark.parametrize("size", SIZES)
async def test_the_footer_names_the_keys_and_the_header_the_place(size: tuple[int, int]) -> None:
    async with staged(played(), size) as stage:
        assert "space play  [ ] step  { } jump  @ seek" in stage.lines[-1]
        assert "freeze" not in stage.lines[-1]
        assert "? help" in stage.lines[-1]
        assert "REPLAY ▶ 1×  00:12:31" in stage.lines[0]
        assert "08:53:20Z" in stage.lines[0]
        assert "ago" not in stage.lines[0]


async def test_between_two_pictures_no_time_passes() -> None:
    opened = Lock("ana", "p99", NOW - 60, None, "fleet prod", "k3x9ab")
    async with staged(played(frozen=opened)) as stage:
        before = stage.lines[0]
        stage.app.watching._arrived -= 100
        stage.app.page.tick()
        await stage.pilot.pause()
        assert stage.lines[0] == before
        assert "frozen by ana 60s" in before


async def test_what_the_player_shows_is_what_is_seen_also_before_in_time() -> None:
    async with staged(played(alerts=(alert(),))) as stage:
        assert "▲ 1 page" in stage.lines[0]
        await stage.show(played(PLAYED._replace(paused=True), at=NOW - 600))
        assert "page" not in stage.lines[0]
        assert "REPLAY ‖  00:02:31 of 01:00:00" in stage.lines[0]
        assert "2025-10-09 08:43:20Z" in stage.lines[0]


async def test_nothing_is_changed_silenced_or_written() -> None:
    async with staged(played(alerts=(alert(),)), before=two_knobs) as stage:
        for page in PAGES:
            await stage.press(page, "f", "t", "r", "u", "g", "x", "m", "M", "i", "I")
        assert len(stage.app.screen_stack) == 2
        assert stage.engine.silenced == {}
        assert stage.engine.incidents.current is None
        assert stage.bench.journal.records == []


async def test_n_says_that_a_recording_is_not_written_to() -> None:
    async with staged(played()) as stage:
        await stage.press("n")
        await stage.until("a recording is not written to")
        assert stage.engine.markers == []
        assert len(stage.app.screen_stack) == 1


async def test_the_palette_and_the_help_have_the_keys_of_a_replay_alone() -> None:
    async with staged(played(), (120, 60)) as stage:
        ids = {command.id for command in stage.app.commands()}
        assert {"play", "step_on", "mark_back", "seek", "faster"} <= ids
        assert not ids & {"pause", "note", "declare", "close_incident", "freeze", "silence", "good"}
        await stage.press("question_mark")
        assert "One picture back" in stage.text
        assert "Hold the picture still" not in stage.text


@pytest.mark.parametrize("where", ["models", "model", "gpus", "triage", "timeline", "journal", "alerts"])
@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_key_means_one_thing_in_every_mode_of_every_screen(where, replay, read_only) -> None:  # type: ignore[no-untyped-def]
    commands = available(where, read_only=read_only, replay=replay)
    keys = [key for command in commands for key in command.keys.split(",") if key]
    assert len(keys) == len(set(keys))
    assert {c.only for c in commands} == {"", "replay" if replay else "live"}


def test_a_replay_has_no_acting_key_even_of_a_fleet_that_may_be_changed() -> None:
    assert not any(command.acting for command in available("models", read_only=False, replay=True))
    assert any(command.acting for command in COMMAND_TABLE)


async def test_seek_tells_what_there_is_judges_what_is_typed_and_goes_there() -> None:
    async with staged(played()) as stage:
        await stage.press("at")
        await stage.until("SEEK")
        assert "/var/lib/night.tcrec" in stage.text
        assert "2025-10-09 08:40:49Z to 09:40:49Z" in stage.text
        await stage.press(*"soon")
        assert "'soon' names no moment" in stage.text
        await stage.press("enter")
        assert "SEEK" in stage.text
        await stage.press(*["backspace"] * 4, *"9:00")
        assert "→ 2025-10-09 09:00:00Z, 00:19:11 of 01:00:00" in stage.text
        await stage.press("enter")
        assert player(stage).asked == [("seek", PLAYED.since + 1151)]
        assert "SEEK" not in stage.text


async def test_back_from_now_counts_from_where_the_replay_stands_when_enter_is_pressed() -> None:
    async with staged(played()) as stage:
        await stage.press("at", *"-5m")
        await stage.show(played(at=NOW + 60))
        await stage.press("enter")
        assert player(stage).asked == [("seek", NOW - 240)]


async def test_seek_can_be_left() -> None:
    async with staged(played()) as stage:
        await stage.press("at", *"+1", "escape")
        assert "SEEK" not in stage.text
        await stage.press("at", *"+1", "tab", "tab", "enter")
        assert "SEEK" not in stage.text
        assert player(stage).asked == []


@pytest.mark.parametrize("size", [*SIZES, (40, 12)])
async def test_seek_has_room_on_every_size(size: tuple[int, int]) -> None:
    damaged = PLAYED._replace(problems=tuple(f"frame {n} is damaged" for n in range(30)))
    async with staged(played(damaged), size) as stage:
        await stage.press("at", *"+00:00:10")
        assert any("to:" in line and "+00:00:10" in line for line in stage.lines)
        assert "Go" in stage.text


async def test_on_the_timeline_seek_begins_with_the_selected_change() -> None:
    note = Marker(NOW - 30, MarkerKind.NOTE, "prod", "ana: paged bob")
    async with staged(played(markers=(note,))) as stage:
        await stage.press("5", "at")
        await stage.until("→ 2025-10-09 08:52:51Z")
        await stage.press("enter")
        assert player(stage).asked == [("seek", NOW - 29)]


async def test_the_timeline_has_the_place_of_each_change_and_y_copies_it() -> None:
    note = Marker(NOW - 30, MarkerKind.NOTE, "prod", "ana: paged bob")
    early = Marker(NOW - 4000, MarkerKind.LOAD, "ranker/7", "ranker v7 READY", "ranker", "7", "triton-0")
    async with staged(played(markers=(early, note))) as stage:
        await stage.press("5")
        assert "+00:12:01" in stage.line("✎ note")
        assert "+" not in stage.line("↑ load")
        assert "30s before" in stage.text
        assert "ago" not in stage.text
        await stage.press("y")
        assert stage.app.clipboard == "2025-10-09 08:52:50Z (+00:12:01) note prod: ana: paged bob"


async def test_copy_names_the_recording_and_the_moment() -> None:
    async with staged(played(at=NOW + 0.2506)) as stage:
        await stage.press("y")
        said = "triton-console replay --at 2025-10-09T08:53:20.251Z --paused /var/lib/night.tcrec"
        assert stage.app.clipboard == said
        await stage.press("4", "y")
        said = "triton-console triage --from /var/lib/night.tcrec --at 2025-10-09T08:53:20.251Z ranker"
        assert stage.app.clipboard == said


async def test_the_journal_is_that_of_the_picture() -> None:
    async def story(made: Bench) -> None:
        two_knobs(made)
        await ran(made)
        recorded.extend(made.journal.records)
        made.journal.records.clear()

    recorded: list[Record] = []
    async with staged(picture(playback=PLAYED), before=story) as stage:
        await stage.press("5")
        await stage.until("the journal is empty")
        stage.bench.journal.records.extend(recorded)
        await stage.show(picture(playback=PLAYED, at=NOW + 1))
        await stage.until("reduce ranker")


async def test_nobody_is_asked_about_what_was_unfinished_then() -> None:
    async with staged(played(), before=lambda made: made.journal.records.clear()) as stage:
        asked: list[object] = []
        stage.app.acting.desk.look_back = lambda: asked.append(1)  # type: ignore[method-assign]
        await stage.show(played(at=NOW + 1))
        assert asked == []


async def test_while_the_recording_is_opened_nobody_connects() -> None:
    async with staged(played(), quiet=True) as stage:
        assert "opening the recording" in stage.lines[0]
        assert "Opening the recording" in stage.text
        assert "onnecting" not in stage.text
        await stage.press("space", "at", "]")
        assert stage.app.is_running


async def test_a_fleet_that_was_down_is_not_said_to_be_tried_again() -> None:
    away = snapshot([], [down_target("triton-9")], playback=PLAYED)
    async with staged(away) as stage:
        assert "No target answered then." in stage.text
        assert "keeps trying" not in stage.text


async def test_what_of_the_recording_cannot_be_read_is_said() -> None:
    damaged = PLAYED._replace(problems=("the last 12 s are damaged",))
    async with staged(played(damaged)) as stage:
        assert "▲ recording: the last 12 s are damaged" in stage.text
