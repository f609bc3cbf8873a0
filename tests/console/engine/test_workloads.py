"""Rollouts become markers: what, when, and only those that are news."""

from typing import Any

import pytest

from console.domain.around import WorkloadReading
from console.domain.failure import Failure, FailureKind
from console.domain.fleet import Fleet
from console.domain.marker import Marker, MarkerKind
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.engine.store import Store

NOW = 1_700_000_000.0
OLD, NEW = {"triton": "triton:24.10"}, {"triton": "triton:24.12"}


class Watched:
    """A store that is told of one workload."""

    def __init__(self) -> None:
        self.store = Store(Fleet())
        self.now = NOW

    def look(self, revision: str = "6", images: Any = OLD, after: float = 15.0, **more: Any) -> list[Marker]:
        """All rollouts that are known after another look."""
        self.now += after
        reading = WorkloadReading("deployment/triton", revision, images, **more)
        self.store.take(self._sample(reading))
        return self.rollouts()

    def fail(self) -> None:
        self.now += 15
        self.store.take(
            self._sample(None, Failure(FailureKind.FORBIDDEN, "kubernetes", "kubernetes: no", "ask"))
        )

    def _sample(self, reading: Any, failure: Failure | None = None) -> Sample:
        return Sample("kubernetes", None, self.now, self.now - NOW, 0.1, 15.0, reading, failure)

    def picture(self) -> Snapshot:
        return self.store.tick(self.now, self.now - NOW)

    def rollouts(self) -> list[Marker]:
        return [each for each in self.picture().markers if each.kind is MarkerKind.ROLLOUT]


def test_a_new_revision_is_told_with_its_images_its_cause_and_the_clusters_time() -> None:
    watched = Watched()
    assert watched.look() == []
    assert watched.look() == []

    (marker,) = watched.look("7", NEW, changed_at=NOW + 40, cause="pipeline 4711")

    assert (marker.at, marker.subject) == (NOW + 40, "deployment/triton")
    assert marker.detail == "revision 7: image triton:24.10 → 24.12, cause pipeline 4711"
    assert len(watched.look("7", NEW, changed_at=NOW + 40)) == 1


@pytest.mark.parametrize("made", [None, NOW - 86400, NOW + 900, -62135596800.0])
def test_a_time_that_cannot_be_is_the_time_of_the_look(made: float | None) -> None:
    watched = Watched()
    watched.look()

    (marker,) = watched.look("7", NEW, changed_at=made)

    assert marker.at == NOW + 30


def test_a_cluster_whose_clock_is_a_little_ahead_rolls_nothing_out_in_the_future() -> None:
    watched = Watched()
    watched.look()

    assert watched.look("7", NEW, changed_at=NOW + 60)[0].at == NOW + 30


def test_other_settings_with_the_same_images_are_a_rollout_too() -> None:
    watched = Watched()
    watched.look()

    assert watched.look("7")[0].detail == "revision 7: the same images, other settings"


def test_an_image_under_the_same_revision_is_told_without_it() -> None:
    watched = Watched()
    watched.look("")

    assert watched.look("", NEW)[0].detail == "image triton:24.10 → 24.12"


def test_a_rollout_shortly_before_the_first_look_is_news_and_stands_before_what_came_later() -> None:
    watched = Watched()
    watched.store.mark(Marker(NOW - 60, MarkerKind.LOAD, "ranker/7", "loaded"))

    (marker,) = watched.look("7", NEW, before=OLD, changed_at=NOW - 300)

    assert (marker.at, marker.detail) == (NOW - 300, "revision 7: image triton:24.10 → 24.12")
    assert [each.kind for each in watched.picture().markers] == [MarkerKind.ROLLOUT, MarkerKind.LOAD]


@pytest.mark.parametrize(
    "more",
    [
        {"before": OLD, "changed_at": NOW - 86400},
        {"before": OLD, "changed_at": NOW + 3600},
        {"before": OLD, "changed_at": None},
        {"before": {}, "changed_at": NOW - 300},
    ],
)
def test_how_things_were_at_the_first_look_is_no_news(more: dict[str, Any]) -> None:
    assert Watched().look("7", NEW, **more) == []


def test_what_could_not_be_read_before_is_no_rollout_once_it_can() -> None:
    watched = Watched()
    watched.look("", {})

    assert watched.look("7", NEW) == []


def test_a_workload_that_cannot_be_read_for_a_while_stays_with_its_age_and_a_note() -> None:
    watched = Watched()
    watched.look(notes=("its ReplicaSets are hidden",))
    watched.fail()

    seen = watched.picture()
    (row,) = seen.workloads
    assert (row.revision, row.at) == ("6", NOW + 15)
    assert "kubernetes: no (ask)" in seen.notes
    assert "kubernetes: its ReplicaSets are hidden" in seen.notes
    assert len(watched.look("7", NEW)) == 1
