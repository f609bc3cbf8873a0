"""What a known-good release remembers."""

from console.domain.plan import ControlError
from console.domain.situation import Captured
from tests.parts.knobs import Knobs, bench
from tests.snapshots import snapshot


async def test_the_digests_of_what_serves_are_kept_and_progress_is_told() -> None:
    stand = bench(snapshot())
    row = stand.door._see().models[0]
    stand.repository.files[row.model, row.version] = {"model.plan": "aa", "vocab.txt": "bb"}
    told: list[tuple[float, str]] = []

    release = await stand.door.mark_good((row.model,), "", lambda share, what: told.append((share, what)))

    assert release.models[0].digests == {row.version: {"model.plan": "aa", "vocab.txt": "bb"}}
    assert [share for share, _ in told] == [0.5, 0.99, 1.0]
    assert told[0][1] == f"{row.model}/{row.version}"


async def test_a_control_that_cannot_be_asked_leaves_its_part_out() -> None:
    class Away(Knobs):
        async def capture(self, models) -> Captured:
            raise ControlError("no route to host")

    release = await bench(snapshot(), Away()).door.mark_good((), "", lambda *_: None)

    assert release.routes == {}
    assert release.models


async def test_the_release_is_written_in_the_journal() -> None:
    stand = bench(snapshot())

    release = await stand.door.mark_good((), "quiet week", lambda *_: None)

    assert [record.plan for record in stand.journal.records] == [release.id]
    assert await stand.door.releases() == (release,)
