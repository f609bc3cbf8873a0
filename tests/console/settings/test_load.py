import json
from pathlib import Path

import pytest

from console.domain.fleet import Confirm, Objective, Target
from console.domain.secret import Secret
from console.domain.surfaces import Freeze, Haproxy, HaproxyRoute
from console.settings import Options, find, load
from tests.console.settings.files import problems, write


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")


FULL = """
[fleets.prod]
targets = ["http://triton-0:8000", "triton-1:8000,name=spare"]
metrics_port = 9002
headers = { admin-key = { env = "KEY" }, x-team = "vision", token = { file = "token" } }
repository = "/models"
prometheus = "http://prom:9090/tenant/"
alertmanager = "alerts"
runbooks = "ours"
read_only = true
confirm = "enter"
refresh = 2.5
tls = { verify = false }
[fleets.prod.gpu]
dcgm = ["http://node-0:9400"]
nvml = "local"
[fleets.prod.gateway]
kind = "haproxy"
socket = "/run/haproxy.sock"
[[fleets.prod.gateway.routes]]
model = "ranker*"
backend = "triton"
servers = ["v2"]
[fleets.prod.freeze]
kubernetes = ["deployment/triton"]
[fleets.prod.objectives.default]
latency_ms = 200
[fleets.prod.objectives."*"]
latency_ms = 150
[fleets.prod.objectives."ranker*"]
latency_ms = 50
quantile = 0.95
[fleets.prod.objectives.ranker]
availability = 0.99
[fleets.prod.probes.ranker]
request = "ranker.json"
every = 5
version = 7
expect = { OUTPUT0 = [1, 2] }
"""


def test_a_full_file_becomes_the_fleet_it_describes():
    write(FULL)
    Path("ours").mkdir()
    write("s3cret\n", "token")
    write(json.dumps({"inputs": [{"name": "INPUT0"}]}), "ranker.json")
    fleet = load(Options(), {"KEY": "opensesame"})
    assert fleet.name == "prod"
    assert fleet.targets == (
        Target("triton-0", "http://triton-0:8000", "http://triton-0:9002/metrics"),
        Target("spare", "http://triton-1:8000", "http://triton-1:9002/metrics"),
    )
    assert fleet.headers["admin-key"] == Secret("opensesame")
    assert fleet.headers["token"] == Secret("s3cret")
    assert (fleet.refresh, fleet.read_only, fleet.confirm) == (2.5, True, Confirm.ENTER)
    assert fleet.tls.verify is False
    assert fleet.gpu.dcgm == ("http://node-0:9400/metrics",)
    assert fleet.gpu.nvml
    assert (fleet.prometheus, fleet.alertmanager) == ("http://prom:9090/tenant", "http://alerts:9093")
    assert fleet.runbooks == str(Path("ours").absolute())
    assert fleet.gateway == Haproxy("/run/haproxy.sock", (HaproxyRoute("ranker*", "triton", ("v2",)),))
    assert fleet.freeze == Freeze(kubernetes=("deployment/triton",))
    probe = fleet.probes[0]
    assert (probe.model, probe.every, probe.version, probe.expect) == (
        "ranker",
        5,
        "7",
        {"OUTPUT0": [1, 2]},
    )


def test_the_most_specific_objective_wins_and_inherits_the_default():
    write(FULL)
    Path("ours").mkdir()
    write("x", "token")
    write('{"inputs": []}', "ranker.json")
    fleet = load(Options(), {"KEY": "k"})
    assert fleet.objective("ranker") == Objective(200, 0.99, 0.99)
    assert fleet.objective("ranker-eu") == Objective(50, 0.95)
    assert fleet.objective("embed") == Objective(150)


def test_every_problem_is_reported_at_once_with_its_line_and_the_nearest_name():
    write("""
[fleets.prod]
targets = [
  "http://triton-0:8000",
  "htp://triton-1:8000",
]
refesh = 2
confirm = "typ"
read_only = "yes"
[fleets.prod.objectives."rank*"]
latency = 50
quantile = 99
[fleets.prod.probes.ranker]
request = "nowhere.json"
[fleets.prod.gateway]
kind = "haproxi"
[fleets.prod.tls]
ca = "nowhere.pem"
[fleet.other]
""")
    found = problems()
    assert found == sorted(found, key=lambda line: int(line.split(":")[1]))
    text = "\n".join(found)
    assert len(found) == 10
    file = "triton-console.toml"
    assert f'{file}:5: fleets.prod.targets[2]: "htp://triton-1:8000": write http:// or https://' in text
    assert f"{file}:7: fleets.prod.refesh: unknown key; did you mean refresh?" in text
    assert (
        f'{file}:8: fleets.prod.confirm: must be enter or type or none, not "typ"; did you mean type?' in text
    )
    assert f'{file}:9: fleets.prod.read_only: must be true or false, not "yes"' in text
    assert f'{file}:11: fleets.prod.objectives."rank*".latency: unknown key; did you mean latency_ms?' in text
    assert f'{file}:12: fleets.prod.objectives."rank*".quantile: must be over 0 and under 1, not 99' in text
    assert f"{file}:14: fleets.prod.probes.ranker.request: nowhere.json: No such file" in text
    assert (
        f'{file}:16: fleets.prod.gateway.kind: must be haproxy or envoy or kubernetes or command, not "haproxi"; '
        "did you mean haproxy?" in text
    )
    assert f"{file}:18: fleets.prod.tls.ca: no such file: nowhere.pem" in text
    assert f"{file}:19: fleet: unknown key; did you mean fleets?" in text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("refresh = 0.01", "must be between 0.1 and 3600 seconds, not 0.01"),
        ("refresh = nan", "must be a number of seconds, not nan"),
        ("refresh = true", "must be a number of seconds, not true"),
        (f"refresh = {'9' * 400}", "must be a number of seconds"),
        ("metrics_port = 70000", "must be a port, 1 to 65535, not 70000"),
        ("targets = 4", "must be a list of texts, not 4"),
        ("targets = [4]", "targets[1]: must be text, not 4"),
        ("targets = []", "no target; write targets"),
        ('targets = ["a", "http://a:8000"]', "targets[2]: http://a:8000 is listed twice"),
        ("gpu = 4", "must be a table, not 4"),
        ("gpu = { nvml = 'remote' }", 'must be local or off, not "remote"'),
        ("gpu = { dcgm = ['node:9400'] }", '"node:9400" is not a URL; write http://HOST:PORT/metrics'),
        ("prometheus = 'ftp://p'", "write http:// or https://, not ftp://"),
        ("alertmanager = 9093", "must be text, not 9093"),
        ("runbooks = 'gone'", "no such directory: "),
        ("selector = 'job=triton'", "is of a fleet seen through Prometheus"),
        ("headers = { key = { env = 'GONE' } }", "the environment has no variable GONE"),
        ("headers = { key = { file = 'gone' } }", "gone: No such file"),
        ("headers = { key = { evn = 'X' } }", "unknown key; did you mean env?"),
        ('headers = { key = "a\\nb" }', "its value has a line break"),
        ("headers = { 'a key' = 'x' }", "is not a header name"),
        ("objectives = { default = { quantile = 1 } }", "must be over 0 and under 1, not 1"),
        ("probes = { ranker = { every = 3 } }", 'is missing; write request = "ranker.json"'),
        ("freeze = { argo = [] }", "unknown key; did you mean argocd?"),
    ],
)
def test_a_wrong_value_says_what_would_be_right(line, says):
    write(f"[fleets.prod]\n{line}\n" + ("" if "targets" in line else "targets = ['a']\n"))
    found = problems()
    assert [str(p) for p in found if says in str(p) and ":2: " in str(p)], found


def test_the_runbooks_of_a_fleet_that_is_not_opened_may_lie_on_another_machine():
    write("[fleets.prod]\ntargets=['a']\n[fleets.far]\ntargets=['b']\nrunbooks='/far/away'\n")
    assert load(Options(fleet="prod"), {}).runbooks == ""


def test_a_syntax_error_names_its_line():
    write("[fleets.prod]\ntargets = [\n'a'\n")
    assert problems()[0].startswith("triton-console.toml:4: not valid TOML: Unclosed array")
    write("[fleets.prod]\ntargets ! 4\n")
    assert problems() == [
        "triton-console.toml:2: not valid TOML: Expected '=' after a key in a key/value pair"
    ]


def test_a_probe_whose_file_is_no_infer_call_is_a_problem():
    write("[fleets.prod]\ntargets = ['a']\n[fleets.prod.probes.ranker]\nrequest = 'r.json'\n")
    write("[1]", "r.json")
    assert 'r.json: is not the body of an infer call: it needs "inputs", a list' in problems()[0]
    write("{", "r.json")
    assert ":4: " in problems()[0]


def test_unreadable_files_are_one_line(tmp_path):
    assert "No such file" in problems(Options(config="gone.toml"))[0]
    assert "is not a regular file" in problems(Options(config=str(tmp_path)))[0]
    Path("latin.toml").write_bytes(b"# ok\n# caf\xe9\n")
    assert problems(Options(config="latin.toml")) == ["latin.toml:2: is not UTF-8 text"]
    write("a = " + "[" * 100_000, "deep.toml")
    assert len(problems(Options(config="deep.toml"))) == 1


def test_an_empty_file_says_how_to_begin():
    write("")
    assert problems() == [
        'triton-console.toml: has no fleet; write [fleets.NAME] and targets = ["http://HOST:8000"] under it'
    ]


def test_secrets_of_a_fleet_that_is_not_opened_are_not_needed_here():
    write("""
[fleets.prod]
targets = ["a"]
headers = { key = { env = "GONE" } }
[fleets.staging]
targets = ["b"]
""")
    assert load(Options(fleet="staging"), {}).targets[0].url == "http://b:8000"
    assert "GONE" in problems(Options(fleet="prod"))[0]


def test_which_fleet_must_be_said_when_there_are_several():
    write("[fleets.prod]\ntargets=['a']\n[fleets.staging]\ntargets=['b']\n")
    assert problems() == ["--fleet: say which fleet: prod, staging"]
    assert problems(Options(fleet="stagin")) == ["--fleet: there is no fleet stagin; did you mean staging?"]


def test_search_order(tmp_path):
    given, variable = write("", "given.toml"), write("", "variable.toml")
    environ = {"TRITON_CONSOLE_CONFIG": str(variable)}
    assert find(Options(), {}) is None
    config = write("", "config/triton-console.toml")
    assert find(Options(), {}) == tmp_path / config
    here = write("")
    assert find(Options(), {}) == here
    assert find(Options(), environ) == variable
    assert find(Options(config=str(given)), environ) == given


def test_targets_on_the_command_line_do_not_receive_the_credentials_of_a_fleet_nobody_named():
    write("[fleets.prod]\ntargets=['a']\nheaders={ key = 'secret' }\nread_only=true\n")
    alone = load(Options(targets=("http://elsewhere:8000",)), {})
    assert (alone.name, dict(alone.headers), alone.read_only) == ("default", {}, False)
    named = load(Options(targets=("http://elsewhere:8000",), fleet="prod"), {})
    assert named.headers == {"key": Secret("secret")}
    assert [t.url for t in named.targets] == ["http://elsewhere:8000"]
