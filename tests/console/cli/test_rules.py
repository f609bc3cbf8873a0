"""``rules``: what it prints, promtool takes and proves."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from console.cli import main
from tests.parts.promtool import promtool

SETTINGS = """
[fleets.prod]
targets = ["http://a:8000"]
[fleets.prod.objectives."ranker[ab]\\\\-?(\\"x*"]
latency_ms = 7.5
quantile = 0.95
availability = 0.5
"""


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rules", *arguments]) == 0
    return capsys.readouterr().out


@pytest.fixture
def written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with the rules and their tests."""
    (tmp_path / "triton-rules.yml").write_text(printed(capsys))
    (tmp_path / "tests.yml").write_text(printed(capsys, "--tests"))
    return tmp_path


def test_promtool_takes_the_rules_from_a_pipe(capsys) -> None:
    checked = promtool("check", "rules", "/dev/stdin", text=printed(capsys))
    assert checked.returncode == 0, checked.stderr
    assert "SUCCESS: 44 rules found" in checked.stdout


def test_every_objective_of_the_settings_has_its_rules(tmp_path: Path, capsys) -> None:
    settings = tmp_path / "fleet.toml"
    settings.write_text(SETTINGS)
    text = printed(capsys, "--config", str(settings), "--job", 'tri.*|"x"')
    checked = promtool("check", "rules", "/dev/stdin", text=text)
    assert checked.returncode == 0, checked.stderr
    assert text.startswith(
        "# Alerts and recording rules of triton-console, from the objectives of fleet prod."
    )


def test_the_unit_tests_pass(written: Path) -> None:
    tested = promtool("test", "rules", written / "tests.yml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("> 14.4", "> 1440"), ('reason!="CANCELED"', 'reason!="NONE"'), ("< 536870912", "< 53687")],
)
def test_a_rule_that_was_changed_fails_them(written: Path, was: str, becomes: str) -> None:
    rules = written / "triton-rules.yml"
    assert was in rules.read_text()
    rules.write_text(rules.read_text().replace(was, becomes))
    assert promtool("check", "rules", rules).returncode == 0
    assert promtool("test", "rules", written / "tests.yml").returncode == 1


def test_the_tests_name_the_rules_file_that_they_are_told(capsys) -> None:
    text = printed(capsys, "--tests", "other.yml", "--job", "inference")
    assert YAML(typ="safe").load(text)["rule_files"] == ["other.yml"]
    assert 'job="inference"' in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--job", "("), "--job is no regular expression"),
        (("--tests", "--job", "tri.*"), "--tests needs the literal name of one job"),
        (("--format", "loki"), "invalid choice"),
    ],
)
def test_what_cannot_be_is_said(capsys, arguments, says) -> None:
    assert main(["rules", *arguments]) == 64
    assert says in capsys.readouterr().err
