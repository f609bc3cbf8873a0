"""Freezes, drift and our own actions in the picture."""

from console.domain.drift import Drift, DriftReading
from console.domain.failure import Failure, FailureKind
from console.domain.fleet import Fleet
from console.domain.lock import SOURCE, Lock, LockReading
from console.domain.marker import Marker, MarkerKind
from console.domain.sample import Reading, Sample
from console.domain.snapshot import Snapshot
from console.engine.store import Store
from tests.snapshots import NOW, drift, frozen

BROKEN = Failure(FailureKind.STATUS, SOURCE, "deploy lock: HTTP 500", "look at http://locks")


class Watch:
    """A store that is shown one thing after another, a second apart."""

    def __init__(self) -> None:
        self._store = Store(Fleet("prod"))
        self._mono = 0.0

    def see(self, seen: Lock | Failure | tuple[Drift, ...] | None, source: str = SOURCE) -> Snapshot:
        self._mono += 1
        failure = seen if isinstance(seen, Failure) else None
        reading: Reading | None = None
        if failure is None:
            reading = DriftReading(seen) if _is_drifts(seen) else LockReading(seen)  # type: ignore[arg-type]
        at = NOW + self._mono
        self._store.take(Sample(source, None, at, self._mono, 0.0, 2.0, reading, failure))
        return self._store.tick(at, self._mono)

    def mark(self, marker: Marker) -> Snapshot:
        self._store.mark(marker)
        return self._store.tick(NOW, self._mono)


def _is_drifts(seen: object) -> bool:
    return isinstance(seen, tuple) and not isinstance(seen, Lock)


def kinds(shot: Snapshot) -> list[MarkerKind]:
    return [marker.kind for marker in shot.markers]


def test_a_freeze_of_somebody_else_shows_and_is_marked_and_so_is_its_end() -> None:
    watch = Watch()
    assert watch.see(None).frozen is None
    shot = watch.see(frozen())
    assert shot.frozen == frozen()
    assert [(m.kind, m.detail) for m in shot.markers] == [
        (MarkerKind.FREEZE, "ana@bastion froze deploys: p99 of ranker")
    ]
    assert kinds(watch.see(frozen(until=NOW + 9000))) == [MarkerKind.FREEZE]
    shot = watch.see(None)
    assert shot.frozen is None
    assert shot.markers[-1].detail == "the freeze by ana@bastion was lifted"


def test_a_freeze_that_was_there_before_the_console_is_no_change() -> None:
    assert Watch().see(frozen()).markers == ()


def test_another_freeze_in_its_place_is_a_change() -> None:
    watch = Watch()
    watch.see(frozen())
    assert watch.see(frozen(who="bob")).markers[-1].detail == "bob froze deploys: p99 of ranker"


def test_a_lock_that_cannot_be_read_any_more_stays_as_it_was_and_is_said_to_be_unknown() -> None:
    watch = Watch()
    watch.see(frozen())
    shot = watch.see(BROKEN)
    assert shot.frozen == frozen()
    assert shot.lock_unknown == "deploy lock: HTTP 500"
    assert shot.notes == ("deploy lock: HTTP 500 (look at http://locks)",)
    assert shot.markers == ()
    shot = watch.see(frozen())
    assert (shot.lock_unknown, shot.notes) == ("", ())


def test_another_source_that_fails_says_nothing_of_the_lock() -> None:
    assert Watch().see(BROKEN, "dcgm").lock_unknown == ""


def test_a_freeze_that_has_expired_says_what_stays_paused() -> None:
    shot = Watch().see(frozen(until=NOW))
    assert shot.frozen is not None
    assert "freeze by ana@bastion has expired" in shot.notes[0]
    assert "stays paused until unfreeze" in shot.notes[0]


def test_drift_is_an_alert_for_as_long_as_it_lasts_and_one_marker() -> None:
    watch = Watch()
    said = "someone undid this: weight of triton/v2 was 10, is 100; plan k3x9ab"
    for _ in range(2):
        shot = watch.see((drift(),), "drift")
        assert shot.drifts == (drift(),)
        assert [(a.id, a.severity, a.message, a.since) for a in shot.alerts] == [
            ("drift", "ticket", said, NOW + 1)
        ]
        assert [(m.kind, m.subject, m.detail) for m in shot.markers] == [
            (MarkerKind.DRIFT, "weight of triton/v2", said),
            (MarkerKind.ALERT, "weight of triton/v2", f"ticket: {said}"),
        ]
    shot = watch.see((), "drift")
    assert (shot.drifts, shot.alerts) == ((), ())
    assert kinds(watch.see((drift(),), "drift")).count(MarkerKind.DRIFT) == 2


def test_what_drifted_is_told_in_the_members_that_differ() -> None:
    was = {"weight": 10.0, "state": "ready", "more": {"a": 1, "b": 2}}
    assert drift("v2", was=was, now={**was, "weight": 100.0, "extra": 1}).sentence == "v2 was 10, is 100"
    assert drift("v2", was=was, now=None).sentence.endswith("is nothing")
    deep = drift("v2", was=was, now={**was, "more": {"a": 1, "b": 3}})
    assert deep.sentence == "v2 was 2, is 3"
    two = drift("v2", was={"a": 1, "b": "x"}, now={"a": 2})
    assert two.sentence == 'v2 was {"a":1,"b":"x"}, is {"a":2,"b":null}'
    assert len(drift("v2", was="x" * 10_000, now="\x1b").sentence) < 120


def test_our_own_actions_are_markers() -> None:
    marker = Marker(NOW, MarkerKind.ACTION, "ranker", "reduced ranker to 10 %", "ranker")
    assert Watch().mark(marker).markers == (marker,)
