"""The facts of a recorded incident are those of the servers themselves, and nothing else."""

from collections.abc import Awaitable, Callable

import pytest

from console.domain.fleet import Fleet
from console.domain.incident import Incident
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Frame
from console.domain.report import Facts, Impact, Stretch
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from console.engine.inquest import Case, inquest, unrecorded, wrong
from console.storage.runbooks import load
from console.triage import checks
from console.triage.session import Triage
from tests.parts.clock import HandClock
from tests.parts.recordings import KeptRecording
from tests.parts.taped import Taped

_FAILED = "nv_inference_request_failure"
Counts = dict[str, float]


def look() -> Callable[[Snapshot, str], Awaitable[Walk]]:
    return Triage(lambda: load("", checks.names()), None, HandClock()).look


async def never(_: Snapshot, model: str) -> Walk:
    raise AssertionError(f"nobody was to ask about {model}")


def of(facts: Facts, model: str) -> Impact:
    return next(impact for impact in facts.impacts if impact.model == model)


async def facts_of(recording: KeptRecording, window: Stretch | None = None, **case: object) -> Facts:
    window = window or wrong(recording)
    return await inquest(recording, Case(window, recording.until, "1.0", **case), look())  # type: ignore[arg-type]


class Told:
    """A recording of a scenario, and what the servers' own expositions counted meanwhile."""

    def __init__(
        self, recording: KeptRecording, since: float, before: dict[str, Counts], after: dict[str, Counts]
    ) -> None:
        self.recording = recording
        self.since = since
        self._before, self._after = before, after

    def after(self, what: str, model: str) -> float:
        return self._after[what].get(model, 0.0)

    def grew(self, what: str, model: str) -> float:
        return self._after[what].get(model, 0.0) - self._before[what].get(model, 0.0)


async def told(scenario: str, skip: float, calm: float, seconds: float) -> Told:
    """Watch a scenario after ``skip`` seconds; counters are read ``calm`` seconds later, and at the end."""
    async with Taped(scenario) as taped:
        await taped.skip(skip)
        await taped.watch(calm)
        since, before = taped.now, await _counts(taped)
        await taped.watch(seconds)
        return Told(taped.recording, since, before, await _counts(taped))


async def _counts(taped: Taped) -> dict[str, Counts]:
    return {
        "served": await taped.counted("nv_inference_request_success"),
        **{
            reason: await taped.counted(_FAILED, reason=reason) for reason in ("BACKEND", "REJECTED", "OTHER")
        },
    }


async def test_a_bad_rollout_is_told_with_its_time_its_requests_and_its_cause() -> None:
    truth = await told("bad-rollout", 60, 20, 70)

    facts = await facts_of(truth.recording, Stretch(truth.since, truth.recording.until))

    ranker = of(facts, "ranker")
    assert facts.impacts[0].model == "ranker"
    assert ranker.counted is not None
    assert ranker.counted.failed == {}
    # Version 6 has taken its counters with it.
    assert ranker.counted.served > truth.after("served", "ranker") > 1000
    for model in ("search", "embed", "tokenizer"):
        assert of(facts, model).counted.served == truth.grew("served", model) > 0
    assert ranker.versions == ("6", "7")
    # v7 is loaded at 90 s and costs far more from its first request on.
    assert ranker.first is not None
    assert 10 <= ranker.first - truth.since <= 20
    assert ranker.within is False
    assert ranker.percentile is not None
    assert ranker.percentile.basis == "summary"
    assert ranker.percentile.value > 2 * ranker.objective.latency_ms
    assert ranker.down_s == 0
    assert 50 <= ranker.slow_s == ranker.broken_s <= ranker.judged_s <= 71
    assert ranker.budget.spent is not None
    assert ranker.budget.latency
    assert of(facts, "embed").broken_s == 0
    assert {each.walk.model: each.walk.verdict for each in facts.answers} == {
        "ranker": "rollout",
        "search": "rollout",
    }
    assert not any(each.recorded for each in facts.answers)
    changed = [each.model for each in facts.served if each.changed]
    assert changed == ["ranker"]
    pages = [span for span in facts.alerts if span.paged is not None]
    assert {span.model for span in pages} == {"ranker"}
    assert pages[0].paged in {
        marker.at for marker in truth.recording.markers if marker.kind is MarkerKind.ALERT
    }


async def test_failed_requests_are_those_that_the_servers_counted() -> None:
    truth = await told("dead-stub", 20, 10, 45)

    facts = await facts_of(truth.recording, Stretch(truth.since, truth.recording.until))

    ocr = of(facts, "ocr")
    assert ocr.counted is not None
    reasons = {reason: truth.grew(reason, "ocr") for reason in ("BACKEND", "REJECTED", "OTHER")}
    assert ocr.counted.failed == {reason: number for reason, number in reasons.items() if number}
    assert ocr.counted.served == truth.grew("served", "ocr")
    assert ocr.counted.broken > 0
    assert ocr.failing_s > 0


async def test_a_process_that_dies_is_named_and_its_counts_are_at_least_so_many() -> None:
    truth = await told("crash-loop", 10, 10, 60)

    facts = await facts_of(truth.recording, Stretch(truth.since, truth.recording.until))

    resets = [reset for impact in facts.impacts if impact.counted for reset in impact.counted.resets]
    assert resets
    assert {reset.target for reset in resets} == {"triton-3"}


async def test_a_quiet_hour_has_no_harm_and_asks_nobody() -> None:
    truth = await told("healthy", 0, 10, 30)

    facts = await inquest(truth.recording, Case(wrong(truth.recording), truth.recording.until), never)

    assert facts.window[:2] == (truth.recording.since, truth.recording.until)
    assert [impact.model for impact in facts.impacts if impact.broken_s] == []
    assert facts.alerts == facts.answers == facts.done == ()
    assert sum(impact.counted.broken for impact in facts.impacts if impact.counted) == 0


async def test_answers_of_the_time_come_first_and_are_not_computed_again() -> None:
    truth = await told("bad-rollout", 60, 20, 70)
    computed = (await facts_of(truth.recording)).answers
    shown = tuple(each.walk for each in computed if each.walk.model == "ranker")
    later = KeptRecording(truth.recording.sessions, truth.recording.kept, shown)

    facts = await facts_of(later)

    assert [(each.walk.model, each.recorded) for each in facts.answers] == [
        ("ranker", True),
        ("search", False),
    ]


async def test_a_gap_is_a_gap_and_no_time_of_keeping_the_promise() -> None:
    truth = await told("bad-rollout", 60, 20, 70)
    kept = truth.recording.kept
    alert = next(marker for marker in truth.recording.markers if marker.kind is MarkerKind.ALERT)
    cut = [*kept[:25], kept[60]._replace(shown=(alert,)), *kept[61:]]
    recording = KeptRecording(truth.recording.sessions, cut)

    facts = await facts_of(recording, Stretch(truth.since, recording.until + 100))

    assert facts.tape is not None
    assert [(gap.since, gap.until) for gap in facts.tape.gaps] == [
        (kept[24].at, kept[60].at),
        (recording.until, recording.until + 100),
    ]
    ranker = of(facts, "ranker")
    assert ranker.judged_s <= recording.until - truth.since - (kept[60].at - kept[24].at) + 1
    # Counters go on while nobody looks: the difference over the gap is all that came.
    assert of(facts, "search").counted.served == truth.grew("served", "search")


async def test_what_was_calm_is_read_in_steps_and_its_counters_are_exact_all_the_same() -> None:
    truth = await told("healthy", 0, 10, 83)

    facts = await inquest(truth.recording, Case(Stretch(truth.since, truth.recording.until), 0.0), never)

    assert facts.tape is not None
    assert facts.tape.looks < 40
    assert facts.tape.gaps == ()
    for impact in facts.impacts:
        assert impact.counted is not None
        assert impact.counted.served == truth.grew("served", impact.model) > 0
        assert impact.judged_s == pytest.approx(83, abs=1.5)


async def test_the_incident_and_what_people_did_are_those_of_the_window() -> None:
    truth = await told("healthy", 0, 5, 10)
    incident = Incident("1120-abc", truth.since, "ana@bastion", "p99 of ranker")
    note = Marker(truth.since + 1, MarkerKind.NOTE, "fleet", "looking", "")
    early = Marker(truth.since - 4000, MarkerKind.NOTE, "fleet", "yesterday", "")
    last = truth.recording.kept[-1]
    shown = Frame(last.session, last.at, last.mono, (), (early, note))
    recording = KeptRecording(truth.recording.sessions, [*truth.recording.kept[:-1], shown])

    facts = await facts_of(recording, Stretch(truth.since, recording.until), incident=incident)

    assert facts.incident == incident
    assert note in facts.markers
    assert early not in facts.markers


def test_without_a_recording_there_is_what_the_journal_knows_and_no_figure() -> None:
    window = Stretch(0.0, 100.0)
    note = Marker(5.0, MarkerKind.NOTE, "fleet", "looking")

    facts = unrecorded(
        Fleet("prod"),
        Case(window, 200.0, markers=(note,), missing=("window.tcrec: nothing was recorded",)),
    )

    assert facts.tape is None
    assert facts.impacts == ()
    assert facts.markers == (note,)
    assert facts.missing == ("window.tcrec: nothing was recorded",)


@pytest.mark.parametrize("alerts", [(), (100.0, 140.0)])
def test_what_was_wrong_is_found_by_the_alerts(alerts: tuple[float, ...]) -> None:
    told_ = tuple(Marker(at, MarkerKind.ALERT, "ranker/7", "page: slow", "ranker", "7") for at in alerts)
    frames = [Frame(0, 0.0, 0.0, (), ()), Frame(0, 2000.0, 2000.0, (), told_)]

    found = wrong(KeptRecording((), frames))

    assert found[:2] == ((0.0, 2000.0) if not alerts else (0.0, 440.0))
