"""A fleet seen through Prometheus, or looked up, as the settings say it."""

import pytest

from console.settings import Options, load
from tests.console.settings.files import problems, write


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")


def test_a_prometheus_alone_is_a_fleet_and_with_targets_answers_queries():
    write("[fleets.prod]\nprometheus = 'http://p:9090'\nselector = '{job=\"triton\"}'\nby = ['cluster']\n")
    through = load(Options())
    write("[fleets.prod]\nprometheus = 'http://p:9090'\ntargets = ['a']\n")
    beside = load(Options())

    assert (through.through_prometheus, through.selector, through.by) == (True, 'job="triton"', ("cluster",))
    assert (through.targets, through.unfolding) == ((), True)
    assert (beside.through_prometheus, beside.prometheus, beside.unfolding) == (False, "http://p:9090", False)


def test_targets_on_the_command_line_stand_in_place_of_what_would_be_found():
    write("[fleets.prod]\nprometheus = 'http://p:9090'\n[fleets.prod.discovery]\nkubernetes = 'app=triton'\n")

    fleet = load(Options(targets=("host",), config="triton-console.toml"))

    assert [target.name for target in fleet.targets] == ["host"]
    assert not fleet.unfolding


def test_how_a_prometheus_is_asked_is_a_secret():
    write(
        "[fleets.prod]\nprometheus = 'http://p:9090'\n[fleets.prod.prometheus_access]\n"
        "user = 'ana'\npassword = { env = 'PASSWORD' }\nheaders = { X-Scope-OrgID = 'team' }\n"
    )
    fleet = load(Options(), {"PASSWORD": "s3cret"})
    sent = {name: secret.reveal() for name, secret in fleet.prometheus_access.headers.items()}

    assert sent == {"X-Scope-OrgID": "team", "Authorization": "Basic YW5hOnMzY3JldA=="}
    assert "s3cret" not in repr(fleet)
    assert "YW5hOnMzY3JldA==" not in repr(fleet)
    assert set(fleet.prometheus_access.headers.values()) <= set(fleet.secrets)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("targets = ['a']\nby = ['pod']", "is of a fleet seen through Prometheus"),
        ("prometheus = 'http://p'\nby = ['a-b']", "is no name of a label"),
        ("prometheus = 'http://p'\nprometheus_access = { user = 'ana' }", "user and password go together"),
        (
            "prometheus = 'http://p'\nprometheus_access = { bearer = 'x', user = 'a', password = 'b' }",
            "bearer token already",
        ),
        ("targets = ['a']\nprometheus_access = { bearer = 'x' }", "needs prometheus ="),
        ("targets = ['a']\ndiscovery = { prometheus = 'job=\"t\"' }", "needs prometheus ="),
        ("discovery = { kubernetes = 'app=t', namespace = 'A B' }", "is not a name of Kubernetes"),
        ("prometheus = 'http://p'\nselector = 'triton'", "is no PromQL selector"),
    ],
)
def test_what_does_not_fit_a_prometheus_is_said(lines, says):
    write(f"[fleets.prod]\n{lines}\n")

    assert any(says in problem for problem in problems()), problems()
