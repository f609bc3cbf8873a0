"""Two hundred targets, a third of them hostile: the console keeps its picture, and says of each bad one what is wrong with it."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console.domain.failure import FailureKind
from console.domain.rows import TargetRow
from console.domain.snapshot import Snapshot
from tests.parts.siege_city import BAD, FLAPPING, HEALTHY, MODELS, SIZE, besieged, city, kind_of
from tests.parts.siege_monkey import press, resize, settled
from tests.parts.siege_stage import Siege, besieging, told
from tests.snapshots import HOSTILE_NAMES

# Floods are read up to their limits, and names that a server invents are kept up to theirs.
MOST_MB = 700
SIZES = ((120, 40), (80, 24), (200, 60))
PAGES = ("1", "2", "3", "4", "5", "6", "7")
SEED = 1
# Slow enough for a small machine that others share to come through with two hundred.
REFRESH_S = 4.0
# So many rows of the city's models, the odd ones among them, have a turn on the model page.
ROWS = 15


@dataclass
class Seen:
    """What a console showed that watched the city until every target was judged, and each flapping one was up and down."""

    picture: Snapshot
    later: Snapshot
    head: str = ""
    models: list[str] = field(default_factory=list)
    harm: dict[str, list[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    grown_mb: float = 0.0


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """The city, watched once."""

    async def run(state: Path) -> Seen:
        with city(SEED) as targets:
            async with besieging(besieged(targets, state, refresh=REFRESH_S)) as siege:
                return await watched(siege)

    return asyncio.run(run(tmp_path_factory.mktemp("state")))


async def watched(siege: Siege) -> Seen:
    """Watch, look at every page in every size, and watch on."""
    picture = await siege.seen(judged, "every target up or told what is wrong with it")
    await went_by_turns(siege)
    seen = Seen(picture, picture)
    await siege.until(lambda: HEALTHY <= covered(siege.text) < SIZE, "the coverage in the header")
    seen.head = siege.text.splitlines()[0]
    for width, height in SIZES:
        resize(siege, width, height)
        for page in PAGES:
            press(siege, page)
            await settled(siege)
            seen.harm[f"{page} at {width}×{height}"] = siege.harm()
    press(siege, "1")
    await siege.until(lambda: "RATE/s" in siege.text, "the models")
    await each_model(siege, seen)
    seen.later = await siege.seen(
        lambda now: now.sequence > picture.sequence + 1 and judged(now), "pictures go on"
    )
    seen.errors = siege.errors
    seen.grown_mb = siege.most_mb - siege.begun_mb
    told(f"\n{siege.figures()}")
    return seen


async def each_model(siege: Siege, seen: Seen) -> None:
    """Open every model: all of its text stands on its own page."""
    for number in range(ROWS):
        press(siege, "down")
        press(siege, "2")
        await settled(siege)
        seen.harm[f"model {number}"] = siege.harm()
        seen.models.append(siege.text)
        press(siege, "1")
        await settled(siege)


async def went_by_turns(siege: Siege) -> None:
    """Wait until each flapping target was seen up and down."""
    found: set[tuple[str, bool]] = set()

    def both(picture: Snapshot) -> bool:
        found.update((row.name, row.up) for row in of_kind(picture, "flapping"))
        return len(found) == 2 * FLAPPING

    await siege.seen(both, "each flapping target up and down")


def covered(text: str) -> int:
    """How many targets the header counts as up, -1 where it does not say."""
    before, found, _ = text.partition(f"/{SIZE} targets")
    return int(before.split()[-1]) if found else -1


def of_kind(picture: Snapshot, kind: str) -> list[TargetRow]:
    return [row for row in picture.targets if kind_of(row.name) == kind]


def words(row: TargetRow) -> str:
    return " | ".join(failure.message for failure in row.failures)


def judged(picture: Snapshot) -> bool:
    """Whether all that is healthy is up and counted, and of all that is not it is said."""
    counted = [row for row in picture.models if row.key.model in MODELS and row.rate]
    wells = [*of_kind(picture, "healthy"), *of_kind(picture, "names")]
    ills = ((row, kind.said) for name, kind in BAD.items() if kind.said for row in of_kind(picture, name))
    return (
        len(counted) == len(MODELS)
        and all(row.up and not row.stale for row in wells)
        and all(said in words(row) for row, said in ills)
    )


def test_every_healthy_target_is_up_and_its_models_are_counted(seen: Seen) -> None:
    assert len(of_kind(seen.picture, "healthy")) == HEALTHY
    for name in MODELS:
        row = next(row for row in seen.picture.models if row.key.model == name)
        served = {target for target in row.targets if kind_of(target) == "healthy"}
        assert served == {target.name for target in of_kind(seen.picture, "healthy")}
    assert set(HOSTILE_NAMES) <= {row.key.model for row in seen.picture.models}


@pytest.mark.parametrize("kind", [name for name, kind in BAD.items() if kind.said])
def test_each_bad_target_has_its_reason_and_what_to_do(seen: Seen, kind: str) -> None:
    rows = of_kind(seen.picture, kind)

    assert len(rows) == BAD[kind].count
    assert all(BAD[kind].said in words(row) for row in rows)
    assert all(failure.hint for row in rows for failure in row.failures)


def test_figures_that_are_none_are_not_shown_as_such(seen: Seen) -> None:
    odd = [row for row in seen.later.models if row.key.model in {"odd", "odder"}]

    assert len(odd) == 2
    for row in odd:
        known = [figure for figure in (row.rate, row.mean_ms, row.queue_ms, row.batch) if figure is not None]
        assert all(0 <= figure < 1e12 for figure in known)


def test_nothing_is_a_defect_of_the_console(seen: Seen) -> None:
    for picture in (seen.picture, seen.later):
        inner = [f for row in picture.targets for f in row.failures if f.kind is FailureKind.INTERNAL]
        assert inner == []
        assert [note for note in picture.notes if "defect" in note] == []
    assert seen.errors == []


def test_partial_coverage_is_said_plainly(seen: Seen) -> None:
    assert HEALTHY <= covered(seen.head) < SIZE
    assert "▲" in seen.head.partition(f"/{SIZE} targets")[0]


def test_no_cell_of_any_page_holds_what_servers_sent_to_hurt(seen: Seen) -> None:
    assert len(seen.harm) == len(SIZES) * len(PAGES) + ROWS
    assert {where: found for where, found in seen.harm.items() if found} == {}
    assert any("[red]bold[/red]" in text for text in seen.models)
    assert any("\\e[31mred" in text for text in seen.models)


def test_memory_stays_within_bounds(seen: Seen) -> None:
    assert seen.grown_mb < MOST_MB


def test_it_goes_on(seen: Seen) -> None:
    assert seen.later.sequence > seen.picture.sequence + 1
    assert all(row.up for row in of_kind(seen.later, "healthy"))
