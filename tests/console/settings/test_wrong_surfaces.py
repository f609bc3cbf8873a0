"""Gateways, freezes and kubectl that the settings cannot mean, each with what would be right."""

from pathlib import Path

import pytest

from console.settings import Options, SettingsError, load


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")


def problems(text: str) -> list[str]:
    Path("triton-console.toml").write_text(f"[fleets.prod]\ntargets = ['a']\n{text}")
    with pytest.raises(SettingsError) as caught:
        load(Options(), {})
    return [str(problem).removeprefix("triton-console.toml:") for problem in caught.value.problems]


def _gateway(kind: str, *lines: str) -> str:
    return "\n".join(("[fleets.prod.gateway]", f'kind = "{kind}"', *lines)) + "\n"


def _route(*lines: str) -> str:
    return "\n".join(("[[fleets.prod.gateway.routes]]", 'model = "m"', *lines))


HAPROXY = _route('backend = "b"', 'servers = ["s"]')


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[fleets.prod.gateway]\nkin = 'envoy'\n", "kind: is missing; write one of haproxy, envoy"),
        ("[fleets.prod.gateway]\nmetrics = 'lb:8405'\n", 'metrics: "lb:8405" is not a URL'),
        ("[fleets.prod.gateway]\nmetrics = 'http://u:p@lb'\n", "credentials do not belong"),
        ("[fleets.prod.gateway]\nmetrics = 'http://lb'\nadmin = 'h'\n", "admin: unknown key"),
        (_gateway("haproxy", 'socket = "/s"', "metrics = 4", HAPROXY), "metrics: must be text, not 4"),
        (_gateway("haproxy", HAPROXY), "socket: is missing; write socket ="),
        (_gateway("haproxy", 'socket = "h:70000"', HAPROXY), "the port must be a number from 1 to 65535"),
        (_gateway("haproxy", 'socket = "/s"'), "routes: is missing; write [[fleets.NAME.gateway.routes]]"),
        (_gateway("haproxy", 'socket = "/s"', "routes = 4"), "routes: must be one or more tables, not 4"),
        (_gateway("haproxy", 'socket = "/s"', "routes = [4]"), "routes[1]: must be a table, not 4"),
        (_gateway("haproxy", 'socket = "/s"', _route('backend = "b"')), "the route has nothing to act on"),
        (
            _gateway("haproxy", 'socket = "/s"', _route('backend = "b"', 'servers = ["a; b"]')),
            'servers[1]: is not a name: "a; b"',
        ),
        (
            _gateway("haproxy", 'socket = "/s"', _route('backend = "b"', 'servers = ["a", "a"]')),
            "servers[2]: a is listed twice",
        ),
        (
            _gateway("haproxy", 'socket = "/s"', _route('backend = "b"', 'shed = { map = "/m" }')),
            "shed.key: is missing",
        ),
        (_gateway("haproxy", 'socket = "/s"', 'admin = "x"', HAPROXY), "admin: unknown key"),
        (
            _gateway("haproxy", 'socket = "/s"', HAPROXY, "weight = 4"),
            "routes[1].weight: unknown key",
        ),
        (_gateway("envoy", 'admin = "http://u:p@h"', _route('shed = "k"')), "credentials do not belong"),
        (_gateway("envoy", 'admin = "h"', _route()), "nothing to act on; write runtime"),
        (
            _gateway("envoy", 'admin = "h"', _route('runtime = "r"', 'reduced = ["x"]')),
            'reduced: "x" is not one of clusters',
        ),
        (
            _gateway("envoy", 'admin = "h"', _route('runtime = "r"')),
            "clusters: is missing",
        ),
        (
            _gateway("envoy", 'admin = "h"', _route('runtime = "r"', 'clusters = ["x", "y"]')),
            "reduced: is missing",
        ),
        (
            _gateway("envoy", 'admin = "h"', _route('runtime = "r"', 'clusters = ["x"]', 'reduced = ["x"]')),
            "reduced: names every cluster",
        ),
        (
            _gateway("envoy", 'admin = "h"', _route('runtime = "r"', 'rds = "f"')),
            "rds: the weights are either in the runtime or in the file",
        ),
        (
            _gateway("kubernetes", _route('route = "httproutes/r"', 'backends = ["b"]')),
            "did you mean httproute?",
        ),
        (_gateway("kubernetes", _route('route = "httproute/r"')), "backends: is missing"),
        (
            _gateway("kubernetes", _route('route = "rollout/r"', "rule = 0.5")),
            "rule: must be a whole number",
        ),
        (_gateway("command", 'restore = "r"'), "reduce: is missing"),
        (_gateway("command", 'reduce = "r {percent}"'), "restore: is missing"),
        (_gateway("command", 'reduce = "r"', 'restore = "r"'), "reduce: must say {percent}"),
        (
            _gateway("command", 'reduce = "r {percent} {modle}"', 'restore = "r"'),
            "unknown placeholder {modle}; did you mean {model}?",
        ),
        (
            _gateway("command", 'reduce = "r {percent}"', 'restore = "r {percent}"'),
            "restore: {percent} is not known here",
        ),
        ("[fleets.prod.freeze]\nuncommand = 'x'\n", "uncommand: has no command that it belongs to"),
        ("[fleets.prod.freeze]\ncommand = 'x {model}'\n", "command: {model} is not known here"),
        ("[fleets.prod.freeze]\nheaders = { a = 'b' }\n", "headers: go with a deploy lock over HTTP"),
        ("[fleets.prod.freeze]\ndeploy_lock = 's3://x'\n", "write http:// or https://"),
        ("[fleets.prod.freeze]\ndeploy_lock = 'http://h/?t=1'\n", "an address has no ? or #"),
        (
            "[fleets.prod.freeze]\nkubernetes = ['deploy/x']\n",
            "kubernetes[1]: must be written deployment/NAME",
        ),
        ("[fleets.prod.freeze]\nkubernetes = ['a/b/deployment/x']\n", "must be written deployment/NAME"),
        ("[fleets.prod.freeze]\nargocd = ['a/b/c']\n", "argocd[1]: must be written NAME or NAMESPACE/NAME"),
        ("[fleets.prod.freeze]\nflux = ['apps']\n", "flux[1]: must be written kustomization/NAME"),
        ("[fleets.prod.freeze]\nexpires = 'soon'\n", 'expires: must be a time such as "90m"'),
        ("[fleets.prod.kubernetes]\nworkload = 'pod/x'\n", "workload: must be written deployment/NAME"),
        ("[fleets.prod.kubernetes]\nnamespace = 'A b'\n", "namespace: is not a name of Kubernetes"),
        ("[fleets.prod.kubernetes]\nkubeconfig = 'gone'\n", "kubeconfig: no such file"),
        ("[fleets.prod.kubernetes]\ncontxt = 'x'\n", "contxt: unknown key; did you mean context?"),
        ("good_after = 0\n", "good_after: must be between 1 and 10080 minutes"),
    ],
)
def test_a_wrong_surface_says_what_would_be_right(text: str, says: str):
    found = problems(text)
    assert any(says in problem for problem in found), found


def test_the_problems_of_several_routes_are_each_on_their_own_line():
    found = problems("""[fleets.prod.gateway]
kind = "haproxy"
socket = "/s"
[[fleets.prod.gateway.routes]]
model = "m"
backend = 4
servers = ["s"]
[[fleets.prod.gateway.routes]]
model = "m"
backend = "b"
servers = ["s"]
bakend = 1
""")
    assert [problem.split(": ")[:2] for problem in found] == [
        ["8", "fleets.prod.gateway.routes[1].backend"],
        ["14", "fleets.prod.gateway.routes[2].bakend"],
    ]
