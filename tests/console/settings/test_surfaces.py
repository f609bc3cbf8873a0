"""Gateways, freezes, kubectl, the state folder and the operator, as the settings file says them."""

import socket
from pathlib import Path

import pytest

from console.domain.fleet import Fleet
from console.domain.secret import Secret
from console.domain.surfaces import (
    CommandGateway,
    Envoy,
    EnvoyRoute,
    Freeze,
    Haproxy,
    HaproxyRoute,
    Kubernetes,
    KubernetesGateway,
    KubernetesRoute,
)
from console.settings import Options, SettingsError, load, operator, state_folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "platform")
    return tmp_path


def fleet(text: str, environ: dict[str, str] | None = None) -> Fleet:
    Path("triton-console.toml").write_text(f"[fleets.prod]\ntargets = ['a']\n{text}")
    return load(Options(), environ or {})


def problems(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        fleet(text)
    return [str(problem).removeprefix("triton-console.toml:") for problem in caught.value.problems]


def test_without_tables_nothing_is_reduced_and_a_freeze_takes_a_file_in_the_state_folder(folder: Path):
    made = fleet("[fleets.prod.gateway]\n[fleets.prod.freeze]\n[fleets.prod.kubernetes]\n")
    assert (made.gateway, made.freeze, made.kubernetes) == (None, Freeze(), Kubernetes())
    assert (made.state, made.good_after_s) == (str(folder / "platform"), None)


def test_haproxy_routes_by_servers_and_by_a_map(folder: Path):
    made = fleet("""
[fleets.prod.gateway]
kind = "haproxy"
socket = "run/admin.sock"
[[fleets.prod.gateway.routes]]
model = "ranker*"
backend = "triton"
servers = ["v1", "v2"]
[[fleets.prod.gateway.routes]]
model = "embed"
backend = "triton"
shed = { map = "maps/shed.map", key = "embed" }
""")
    routes = (
        HaproxyRoute("ranker*", "triton", ("v1", "v2")),
        HaproxyRoute("embed", "triton", (), "maps/shed.map", "embed"),
    )
    assert made.gateway == Haproxy(str(folder / "run/admin.sock"), routes)


def test_a_haproxy_socket_may_be_an_address():
    route = '[[fleets.prod.gateway.routes]]\nmodel = "m"\nbackend = "b"\nservers = ["s"]\n'
    made = fleet(f'[fleets.prod.gateway]\nkind = "haproxy"\nsocket = "[::1]:9999"\n{route}')
    assert made.gateway == Haproxy("[::1]:9999", (HaproxyRoute("m", "b", ("s",)),))


def test_envoy_routes_by_runtime_by_file_and_by_shedding(folder: Path):
    made = fleet("""
[fleets.prod.gateway]
kind = "envoy"
admin = "127.0.0.1:9901"
stat_prefix = "gw"
routes = [
  { model = "a", clusters = ["x", "y"], reduced = ["x"], runtime = "routing.a" },
  { model = "b", clusters = ["x", "y"], reduced = ["y"], rds = "rds.yaml" },
  { model = "c", shed = "shed.c.percent" },
]
""")
    assert made.gateway == Envoy(
        "http://127.0.0.1:9901",
        "gw",
        (
            EnvoyRoute("a", ("x", "y"), ("x",), runtime="routing.a"),
            EnvoyRoute("b", ("x", "y"), ("y",), rds=str(folder / "rds.yaml")),
            EnvoyRoute("c", shed="shed.c.percent"),
        ),
    )


HAPROXY = 'kind = "haproxy"\nsocket = "h:1"\nroutes = [{ model = "m", backend = "b", servers = ["s"] }]\n'


@pytest.mark.parametrize(
    ("lines", "url"),
    [
        ("", ""),
        ('metrics = "http://lb:8405"\n', "http://lb:8405/metrics"),
        ('metrics = "https://lb/stats/prometheus"\n', "https://lb/stats/prometheus"),
    ],
)
def test_a_gateways_own_metrics_beside_how_it_is_changed(lines: str, url: str):
    made = fleet(f"[fleets.prod.gateway]\n{HAPROXY}{lines}")
    assert made.gateway == Haproxy("h:1", (HaproxyRoute("m", "b", ("s",)),))
    assert made.gateway_metrics == url


def test_a_gateway_of_metrics_alone_is_read_and_never_changed():
    made = fleet('[fleets.prod.gateway]\nmetrics = "http://ingress:10254/metrics"\n')
    assert (made.gateway, made.gateway_metrics) == (None, "http://ingress:10254/metrics")


def test_kubernetes_routes_and_how_kubectl_is_called(folder: Path):
    (folder / "kube.yaml").write_text("")
    made = fleet("""
[fleets.prod.gateway]
kind = "kubernetes"
[[fleets.prod.gateway.routes]]
model = "ranker"
route = "httproute/ranker"
backends = ["ranker-v2"]
rule = 2
[[fleets.prod.gateway.routes]]
model = "embed"
route = "rollout/embed"
[fleets.prod.kubernetes]
kubectl = "bin/kubectl"
kubeconfig = "kube.yaml"
context = "prod"
namespace = "ml"
workload = "deployment/triton"
""")
    assert made.gateway == KubernetesGateway(
        (
            KubernetesRoute("ranker", "httproute/ranker", ("ranker-v2",), 2),
            KubernetesRoute("embed", "rollout/embed"),
        )
    )
    assert made.kubernetes == Kubernetes(
        str(folder / "bin/kubectl"), str(folder / "kube.yaml"), "prod", "ml", "deployment/triton"
    )


def test_command_gateways_and_a_freeze_of_everything(folder: Path):
    (folder / "token").write_text("s3cret\n")
    made = fleet(
        """
good_after = 30
state = "kept"
[fleets.prod.gateway]
kind = "command"
reduce = "lb {model} --keep {percent} --user ${USER}"
restore = "lb {model} --keep 100"
check = "lb {model} | awk '{print $1}'"
[fleets.prod.freeze]
deploy_lock = "https://locks.example.com/prod"
headers = { authorization = { env = "TOKEN" }, x-key = { file = "token" } }
kubernetes = ["deployment/triton", "ml/rollout/ranker"]
argocd = ["serving", "argo/ranker"]
flux = ["kustomization/apps", "flux-system/helmrelease/triton"]
command = "ci pause"
uncommand = "ci resume"
check = "ci paused"
expires = "90m"
""",
        {"TOKEN": "Bearer 1"},
    )
    assert isinstance(made.gateway, CommandGateway)
    assert made.gateway.check == "lb {model} | awk '{print $1}'"
    assert made.freeze == Freeze(
        deploy_lock="https://locks.example.com/prod",
        headers={"authorization": Secret("Bearer 1"), "x-key": Secret("s3cret")},
        kubernetes=("deployment/triton", "ml/rollout/ranker"),
        argocd=("serving", "argo/ranker"),
        flux=("kustomization/apps", "flux-system/helmrelease/triton"),
        command="ci pause",
        uncommand="ci resume",
        check="ci paused",
        expires_s=5400,
    )
    assert (made.state, made.good_after_s) == (str(folder / "kept"), 1800)
    assert "Bearer 1" not in repr(made)


@pytest.mark.parametrize(
    ("written", "seconds"), [("3600", 3600), ('"45s"', None), ('"2.5h"', 9000), ('"1d"', 86400)]
)
def test_a_freeze_expires_after_a_time_with_its_unit(written: str, seconds: float | None):
    text = f"[fleets.prod.freeze]\nexpires = {written}\n"
    if seconds is None:
        assert "must be between 60 and" in problems(text)[0]
    else:
        assert fleet(text).freeze.expires_s == seconds


def test_a_lock_file_is_found_beside_the_settings(folder: Path):
    made = fleet('[fleets.prod.freeze]\ndeploy_lock = "lock.json"\n')
    assert made.freeze.deploy_lock == str(folder / "lock.json")


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"USER": "ana"}, "ana"),
        ({"LOGNAME": "root", "USER": "root", "SUDO_USER": "ana"}, "ana"),
        ({"USER": "a\x1bna"}, "a\\ena"),
    ],
)
def test_who_acts_is_the_person_behind_sudo_and_cannot_draw_on_the_screen(environ: dict[str, str], name: str):
    assert operator(environ) == f"{name}@{socket.gethostname()}"


def test_without_an_environment_the_account_tells_who_acts():
    assert operator({}).split("@")[0] not in {"", "None"}


def test_a_fleet_of_the_command_line_has_a_state_folder_too(folder: Path):
    assert load(Options(targets=("a",)), {}).state == str(folder / "platform") == str(state_folder())
