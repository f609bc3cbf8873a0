"""The rules that are exported: matchers, figures, and what must never be claimed."""

import re
from fnmatch import fnmatchcase

import pytest

from console.domain.alert_burn import PAIRS
from console.domain.alert_names import RULE_NAMES
from console.domain.fleet import Fleet, Objective
from console.view.rules import rule_file
from console.view.rules_records import pattern, promises
from console.view.rules_tests import sample

FLEET = Fleet(
    "prod",
    objectives=(("ranker-eu", Objective(30.0)), ("ranker*", Objective(50.0)), ("*", Objective(80.0))),
    default_objective=Objective(200.0, 0.99, 0.999),
)
GLOBS = ("*", "a?c", "ranker*", "a.b", "x[ab]y", "x[!ab]y", "[", "[]a]", "a[", "a+b(c)|d", "a\\b", "x[a-c]*")
NAMES = ("", "abc", "a.b", "axb", "xay", "xcy", "[", "a[", "]", "a+b(c)|d", "a\\b", "ranker-eu", "xbz", "x]y")


def group(number: int, fleet: Fleet = FLEET) -> list[dict]:
    return rule_file(fleet, "triton")["groups"][number]["rules"]


@pytest.mark.parametrize("glob", GLOBS)
def test_a_glob_and_its_pattern_match_the_same_names(glob: str) -> None:
    for name in NAMES:
        assert bool(re.fullmatch(pattern(glob), name)) == fnmatchcase(name, glob), name


@pytest.mark.parametrize("glob", [glob for glob in GLOBS if glob != "[]a]"])
def test_a_sample_is_a_name_that_its_glob_matches(glob: str) -> None:
    assert fnmatchcase(sample(glob), glob)


@pytest.mark.parametrize("model", ["ranker-eu", "ranker-us", "embed"])
def test_each_model_has_the_one_objective_that_the_settings_give_it(model: str) -> None:
    found = []
    for promise in promises(FLEET):
        matchers = re.findall(r'model(=~|!~)"([^"]*)"', promise.matchers)
        if all((re.fullmatch(text, model) is not None) == (how == "=~") for how, text in matchers):
            found.append(promise.objective)
    assert found == [FLEET.objective(model)]


def test_the_factors_and_windows_are_those_of_the_console() -> None:
    for name in ("TritonErrorBudgetBurn", "TritonLatencyBudgetBurn"):
        found = [rule for rule in group(1) if rule["alert"] == name]
        for rule, pair in zip(found, PAIRS, strict=True):
            assert rule["labels"] == {"severity": pair.severity, "long": pair.long, "short": pair.short}
            for window in (pair.short, pair.long):
                assert f"ratio_rate{window} > {pair.factor:g}\n" in rule["expr"]


def test_all_seven_alerts_and_the_percentile_are_exported() -> None:
    assert set(RULE_NAMES.values()) <= {rule["alert"] for rule in group(1)}


def test_clients_that_give_up_are_no_errors_and_means_make_no_percentile() -> None:
    text = str(rule_file(FLEET, "triton"))
    for use in re.findall(r"(?:rate|increase)\(nv_inference_request_failure[^\[]*", text):
        assert 'reason!="CANCELED"' in use
    assert "histogram_quantile" not in text
    assert not re.search(r"(avg|sum)[^)]*summary_us", text)


def test_a_quantile_that_triton_does_not_export_has_no_rule() -> None:
    odd = Fleet("prod", default_objective=Objective(200.0, 0.42))
    names = {rule["alert"] for rule in group(1, odd)}
    assert "TritonLatencyObjective" not in names
    assert "TritonLatencyBudgetBurn" in names


def test_figures_are_written_without_the_noise_of_floats() -> None:
    fleet = Fleet("prod", default_objective=Objective(7.5, 0.99, 0.9999))
    text = str(rule_file(fleet, "triton"))
    assert "/ 0.0001" in text
    assert 'le="7.5"' in text
    assert "0000000" not in text
