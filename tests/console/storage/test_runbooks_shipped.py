"""What every runbook that comes with the console must keep, and what its README promises."""

import itertools
import re

import pytest

from console.domain.action import ActionKind
from console.domain.alert_names import RULE_NAMES
from console.domain.triage import ANY, NONE, UNKNOWN, Answer, Finding, Runbook, Way
from console.storage.runbooks import load
from console.triage.walker import uses, walk
from tests.parts.runbooks import CHECKS, FOLDER, README, shipped

BOOKS = shipped().runbooks
WRITTEN = FOLDER.parent / "console" / "triage" / "checks"
CAUSES = {
    "repository_layout", "version_missing", "artifact_format", "config_parse", "config_invalid", "config_model_mismatch",
    "gpu_placement", "parallelism_config", "backend_missing", "backend_shared_library", "permissions", "engine_version",
    "engine_compute", "engine_plugin", "engine_load_generic", "gpu_oom", "gpu_driver", "warmup_failed", "python_import",
    "python_init", "python_env", "python_stub_dead", "tokenizer_asset", "host_shared_memory", "storage_access",
    "storage_unreachable", "storage_object_missing", "dependency_unavailable", "generic_wrapper",
}  # fmt: skip
NAMED = {
    "recent_rollout": {"rollout"},
    "traffic_shift": {"traffic_shift"},
    "load_failed": CAUSES,
    "every_request_fails": {"dead_stub", "errors", "rollout"},
    "not_serving": {"not_serving", "unreachable"},
    "probe_failing": {"dead_stub"},
}


def verdicts(book: Runbook) -> set[str]:
    """Every verdict that a walk can end with."""
    ways = [(step, way) for step in book.steps for way in (step.yes, step.no, step.unknown)]
    found = {name for _, way in ways for name in (way.verdict, way.otherwise) if name}
    for step, way in ways:
        if way.verdict == ANY:
            found |= {name for use in step.checks for name in NAMED[use.name]}
    return found - {ANY}


def test_all_eight_are_there_and_right():
    assert shipped().problems == ()
    assert set(BOOKS) == {
        "p99-latency", "load-failure", "model-unavailable", "gpu-memory",
        "error-spike", "queue-sustained", "crash-loop", "metrics-missing",
    }  # fmt: skip
    assert len({book.rank for book in BOOKS.values()}) == len(BOOKS)


@pytest.mark.parametrize("name", BOOKS)
def test_its_gate_asks_something_and_lets_nothing_in_that_is_well(name):
    gate = BOOKS[name].steps[0]
    assert gate.checks
    assert gate.no == Way(verdict=NONE)
    assert gate.yes.step
    assert gate.unknown.step


@pytest.mark.parametrize("name", BOOKS)
def test_every_path_ends_with_a_verdict_and_every_step_is_on_one(name):
    book, seen = BOOKS[name], set()
    for answers in itertools.product(Answer, repeat=len(book.steps)):
        given = {step.id: answer for step, answer in zip(book.steps, answers, strict=True)}
        step, path = book.steps[0], []
        while True:
            path.append(step.id)
            assert len(path) <= len(book.steps)
            way = getattr(step, given[step.id].value)
            if way.verdict:
                break
            step = next(each for each in book.steps if each.id == way.step)
        seen |= set(path)
    assert seen == {step.id for step in book.steps}


@pytest.mark.parametrize("name", BOOKS)
def test_every_verdict_but_none_and_unknown_says_what_to_do(name):
    book = BOOKS[name]
    advised = {verdict for each in book.mitigations for verdict in each.verdicts}
    missing = verdicts(book) - {NONE, UNKNOWN} - advised
    assert not missing or ANY in advised
    assert {verdict for each in book.mitigations for verdict in each.verdicts} <= verdicts(book) | {ANY}


@pytest.mark.parametrize("name", BOOKS)
def test_it_says_when_it_is_over_and_which_alerts_open_it(name):
    book = BOOKS[name]
    assert book.recovery is not None
    assert book.recovery.checks
    assert book.alerts
    assert book.about


@pytest.mark.parametrize("name", BOOKS)
def test_its_words_fit_a_narrow_screen(name):
    book = BOOKS[name]
    assert all(len(step.question) <= 72 for step in book.steps)
    assert all(len(each.text) <= 100 and len(each.why) <= 120 for each in book.mitigations)
    assert all(len(point.text) <= 90 for point in book.points)


def test_every_alert_of_the_seven_opens_a_runbook():
    opened = {alert for book in BOOKS.values() for alert in book.alerts}
    assert set(RULE_NAMES) <= opened


def test_p99_follows_the_chart():
    book = BOOKS["p99-latency"]
    page, freeze, change, layers, queue, gpu, outside = book.steps
    assert (page.id, page.checks[0].name, page.yes) == ("page", "promise_broken", Way("freeze"))
    assert {freeze.yes, freeze.no, freeze.unknown} == {Way("change")}
    assert freeze.act == ("freeze",)
    assert [use.name for use in change.checks] == ["recent_rollout", "traffic_shift"]
    assert (change.yes.verdict, change.no) == (ANY, Way("layers"))
    assert {layers.yes, layers.no, layers.unknown} == {Way("queue")}
    assert (queue.yes, queue.no) == (Way(verdict="queue"), Way("gpu"))
    assert (gpu.yes, gpu.no, gpu.unknown) == (Way(verdict="gpu"), Way("outside"), Way("outside"))
    assert (outside.yes, outside.no) == (Way(verdict="external"), Way(verdict=UNKNOWN))
    assert {"network", "gateway_retries", "storage"} <= {use.name for use in outside.checks}
    assert verdicts(book) == {"rollout", "traffic_shift", "queue", "gpu", "external", NONE, UNKNOWN}


@pytest.mark.parametrize("name", ["p99-latency", "load-failure"])
def test_the_two_great_ones_have_eight_points_and_five_mitigations(name):
    book = BOOKS[name]
    assert len(book.points) == 8
    assert len(book.mitigations) >= 5


def test_p99_rolls_back_reduces_admits_less_adds_and_moves():
    kinds = {each.id: (each.action, set(each.verdicts)) for each in BOOKS["p99-latency"].mitigations}
    assert kinds["rollback"] == (ActionKind.ROLLBACK, {"rollout"})
    assert kinds["reduce"][0] is ActionKind.REDUCE
    assert kinds["admission"][0] is ActionKind.TUNE
    assert kinds["capacity"][0] is ActionKind.TUNE
    assert kinds["tenants"] == (ActionKind.UNLOAD, {"gpu"})


def test_a_load_failures_points_are_the_eight_that_its_message_settles():
    points = [point.id for point in BOOKS["load-failure"].points]
    assert points == [
        "layout", "config", "backend", "permissions", "artifact", "engine", "gpu_memory", "runtime"
    ]  # fmt: skip


@pytest.mark.parametrize("name", BOOKS)
def test_it_walks_when_nothing_is_known(name):
    book = BOOKS[name]
    done = walk(book, lambda use: Finding(use.name, Answer.UNKNOWN, "nobody knows"), "ranker", 0.0)
    assert done.verdict == UNKNOWN or done.verdict in verdicts(book)
    assert {settled.answer for settled in done.points} == {Answer.UNKNOWN}


def test_the_readmes_example_is_a_runbook(tmp_path):
    example = max(re.findall(r"```toml\n(.*?)```", README, re.DOTALL), key=len)
    (tmp_path / "feature-store.toml").write_text(example)
    library = load(str(tmp_path), CHECKS)
    assert library.problems == ()
    assert "feature-store" in library.runbooks


def test_the_readme_lists_every_check_and_every_check_that_is_used():
    used = {use.name for book in BOOKS.values() for use in uses(book)}
    assert used <= set(CHECKS)
    assert {path.stem for path in WRITTEN.glob("[a-z]*.py")} == set(CHECKS)
    assert len(CHECKS) == len(set(CHECKS))


def test_the_readme_names_every_action_and_knob():
    for kind in set(ActionKind) - {ActionKind.UNDO, ActionKind.CONTINUE}:
        assert f"`{kind.value}`" in README
    assert all(f"`{name}`" in README for name in ("instances", "queue_size", "queue_delay_us"))


def test_what_is_shipped_lies_in_the_package():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(BOOKS)
