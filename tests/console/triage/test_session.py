import asyncio
from dataclasses import replace

import pytest

from console.domain.triage import Answer, Asked, CheckUse, Finding, Library, RunbookStep, Way
from console.triage import checks, session
from console.triage.session import Triage
from tests.parts.clock import HandClock
from tests.parts.walks import BOOK, NOW, overruled
from tests.snapshots import snapshot

PICTURE = snapshot()
PROMQL = CheckUse("promql", 'waiting{model="{model}"}', above=5.0)
GATE = CheckUse("gate")


def book(id, rank, *uses, **changes):  # noqa: A002
    step = RunbookStep("page", "Is it?", uses, Way(verdict=id), Way(verdict="none"), Way(verdict="unknown"))
    return replace(BOOK, id=id, rank=rank, steps=(step,), points=(), recovery=None, mitigations=(), **changes)


class Stage:
    """Checks that say what a test wants, and a count of what was run."""

    def __init__(self):
        self.says = {}
        self.ran = []
        self.scenes = []

    def run(self, use, scene):
        self.ran.append(use.name)
        self.scenes.append(scene)
        if use.promql:
            return checks.run(use, scene)
        answer = self.says.get(use.name, Answer.NO)
        return Finding(use.name, answer, f"{use.name} says {answer.value}", confidence=0.8)


class Scene:
    onset = NOW - 60
    story = "it began with the load"

    def __init__(self, snapshot, model, asked):
        self.snapshot, self.model, self.asked = snapshot, model, asked or {}


@pytest.fixture
def stage(monkeypatch):
    made = Stage()
    monkeypatch.setattr(session, "run", made.run)
    monkeypatch.setattr(session, "Scene", Scene)
    monkeypatch.setattr(session, "story", lambda scene: scene.story)
    return made


class Prometheus:
    def __init__(self, value=9.0, problem=""):
        self.asked, self.closed = [], False
        self.value, self.problem = value, problem

    async def ask(self, query):
        self.asked.append(query)
        return Asked({} if self.problem else {"": self.value}, NOW, self.problem)

    async def close(self):
        self.closed = True


def triage(*books, problems=(), queries=None):
    library = Library({each.id: each for each in books}, problems)
    return Triage(lambda: library, queries, HandClock())


async def test_the_named_runbook_is_walked(stage):
    stage.says = {"gate": Answer.YES}
    walk = await triage(book("a", 1, GATE), book("b", 2, GATE)).look(PICTURE, "ranker", "b")
    assert (walk.runbook.id, walk.verdict, walk.model, walk.at) == ("b", "b", "ranker", PICTURE.at)
    assert (walk.onset, walk.story) == (NOW - 60, "it began with the load")
    assert stage.scenes[0].snapshot is PICTURE


async def test_an_unknown_runbook_is_a_lookup_error():
    with pytest.raises(LookupError, match="no runbook nowhere"):
        await triage(book("a", 1, GATE)).look(PICTURE, "ranker", "nowhere")


async def test_without_a_name_the_first_that_says_yes_is_walked(stage):
    one, two, three = CheckUse("one"), CheckUse("two"), CheckUse("three")
    stage.says = {"two": Answer.YES, "three": Answer.YES}
    seen = triage(book("c", 3, three), book("b", 2, two), book("a", 1, one))
    assert (await seen.look(PICTURE, "ranker")).runbook.id == "b"


async def test_where_none_says_yes_it_is_that_of_latency(stage):
    seen = triage(book("a", 1, GATE), book("p99-latency", 9, GATE))
    assert (await seen.look(PICTURE, "ranker")).runbook.id == "p99-latency"


async def test_without_any_runbook_it_is_a_lookup_error():
    with pytest.raises(LookupError):
        await triage().look(PICTURE, "ranker")


async def test_each_check_runs_once_however_many_ask_for_it(stage):
    stage.says = {"gate": Answer.YES}
    await triage(book("a", 1, GATE), book("b", 2, GATE, CheckUse("other"))).look(PICTURE, "ranker")
    assert sorted(stage.ran) == ["gate", "other"]


async def test_checks_of_other_runbooks_than_the_chosen_one_are_left_alone(stage):
    second = replace(book("b", 2, GATE).steps[0], id="deep", checks=(CheckUse("deep"),))
    deep = book("b", 2, GATE)
    deep = replace(deep, steps=(replace(deep.steps[0], yes=Way("deep")), second))
    stage.says = {"gate": Answer.YES}
    await triage(book("a", 1, GATE), deep).look(PICTURE, "ranker", "a")
    assert stage.ran == ["gate"]


async def test_an_overruled_answer_counts(stage):
    stage.says = {"gate": Answer.YES}
    walk = await triage(book("a", 1, GATE)).look(PICTURE, "ranker", "a", {"page": overruled()})
    assert walk.verdict == "none"
    assert walk.path[0].found is Answer.YES


async def test_promql_is_asked_with_the_models_name_and_judged(stage):
    prometheus = Prometheus()
    walk = await triage(book("a", 1, PROMQL), queries=prometheus).look(PICTURE, "ranker")
    assert prometheus.asked == ['waiting{model="ranker"}']
    assert walk.verdict == "a"
    assert walk.path[0].findings[0].evidence[0].now == 9.0


async def test_promql_of_runbooks_that_were_not_chosen_is_not_asked(stage):
    prometheus = Prometheus()
    await triage(book("a", 1, GATE), book("b", 2, PROMQL), queries=prometheus).look(PICTURE, "ranker", "a")
    assert prometheus.asked == []


async def test_without_a_prometheus_the_answer_is_unknown_and_says_what_to_set(stage):
    walk = await triage(book("a", 1, PROMQL)).look(PICTURE, "ranker", "a")
    assert walk.verdict == "unknown"
    assert "set prometheus" in walk.path[0].findings[0].evidence[0].hint


async def test_what_stood_in_the_way_is_told_once(stage):
    other = PROMQL._replace(promql="up")
    prometheus = Prometheus(problem="connection refused")
    seen = triage(book("a", 1, PROMQL, other), problems=("x.toml: is no TOML",), queries=prometheus)
    walk = await seen.look(PICTURE, "ranker", "a")
    assert walk.problems == ("x.toml: is no TOML", "Prometheus: connection refused")


async def test_a_story_that_cannot_be_told_ends_no_walk(stage, monkeypatch):
    class Odd(Scene):
        @property
        def story(self):
            raise ValueError("odd\x1b[31m")

    monkeypatch.setattr(session, "Scene", Odd)
    walk = await triage(book("a", 1, GATE)).look(PICTURE, "ranker", "a")
    assert (walk.verdict, walk.onset, walk.story) == ("none", None, "")
    assert "when it began cannot be told (ValueError: odd\\e[31m)" in walk.problems[0]


async def test_the_real_scene_and_the_real_checks_are_put_together():
    library = Library({"p99-latency": book("p99-latency", 1, CheckUse("promise_broken"))})
    walk = await Triage(lambda: library, None, HandClock()).look(PICTURE, "ranker")
    assert walk.problems == ()
    assert walk.path[0].findings[0].check == "promise_broken"


async def test_others_get_their_turn_between_two_checks(stage):
    uses = [CheckUse(f"check{n}") for n in range(20)]
    turns = []

    async def others():
        while True:
            turns.append(len(stage.ran))
            await asyncio.sleep(0)

    watcher = asyncio.create_task(others())
    await triage(book("a", 1, *uses)).look(PICTURE, "ranker", "a")
    watcher.cancel()
    assert set(range(1, 20)) <= set(turns)


async def test_runbooks_are_read_once_and_not_before_they_are_needed():
    read = []

    def load():
        read.append(1)
        return Library({"a": book("a", 1)})

    seen = Triage(load, None, HandClock())
    assert not read
    await seen.look(PICTURE, "ranker", "a")
    await seen.look(PICTURE, "ranker", "a")
    assert list(seen.library.runbooks) == ["a"]
    assert len(read) == 1


async def test_an_alert_opens_the_runbook_that_names_it():
    seen = triage(book("a", 2, GATE, alerts=("burn",)), book("b", 1, GATE, alerts=("burn", "down")))
    assert (seen.runbook_for("burn"), seen.runbook_for("down"), seen.runbook_for("x")) == ("b", "b", "")


async def test_prometheus_is_left_in_the_end():
    prometheus = Prometheus()
    await triage(book("a", 1), queries=prometheus).close()
    await triage(book("a", 1)).close()
    assert prometheus.closed
