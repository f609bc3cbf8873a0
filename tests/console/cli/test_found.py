"""Commands on a fleet whose servers are found: what they found, or why they found none."""

import json
from pathlib import Path

import pytest

from console.cli import main
from tests.parts.daemon import free_port
from tests.parts.kubernetes_bench import cluster, settings
from tests.parts.kubernetes_pods import pod, run, unscheduled


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A settings file with a fleet that is looked for in the stand-in cluster."""
    known = settings()
    file = tmp_path / "triton-console.toml"
    file.write_text(
        f"""
[fleets.shop]
state = "{tmp_path / "state"}"
[fleets.shop.discovery]
kubernetes = "app=triton"
[fleets.shop.kubernetes]
kubectl = "{known.kubectl}"
kubeconfig = "{known.kubeconfig}"
namespace = "shop"
"""
    )
    return str(file)


@pytest.mark.parametrize(
    "command",
    [
        ["status", "--for", "0.1"],
        ["verify", "ranker"],
        ["triage", "ranker", "--observe", "1"],
    ],
)
def test_where_nothing_is_found_it_is_said_why_and_the_exit_is_2(config, capsys, command):
    run(cluster(), pod("triton-a", conditions=unscheduled()))

    code = main(["--config", config, *command])

    said = capsys.readouterr().err
    assert code == 2
    assert "no server was found: discovery.kubernetes: 1 pod pending: Insufficient nvidia.com/gpu" in said
    assert "triton-console --fleet shop doctor" in said


def test_a_cluster_that_refuses_is_said_with_what_to_ask_for(config, capsys):
    cluster().denied.add(("list", "pods"))

    code = main(["--config", config, "verify", "ranker", "--json"])

    error = json.loads(capsys.readouterr().out)["error"]
    assert (code, error["id"]) == (2, "none_found")
    assert "may not list pods in shop (ask for list on pods in shop)" in error["message"]


def test_status_names_the_servers_that_were_found_and_why_they_do_not_answer(config, capsys):
    ports = {"http": free_port(), "metrics": free_port()}
    run(cluster(), pod("triton-a", "127.0.0.1", ports))

    code = main(["--config", config, "status", "--for", "0.1", "--json"])

    picture = json.loads(capsys.readouterr().out)
    assert code == 2
    assert [(target["name"], target["url"]) for target in picture["targets"]] == [
        ("triton-a", f"http://127.0.0.1:{ports['http']}")
    ]
    assert "connection refused" in picture["targets"][0]["error"]


def test_doctor_counts_what_is_found_and_what_is_left_out(config, capsys):
    ports = {"http": free_port(), "metrics": free_port()}
    run(
        cluster(),
        pod("triton-a", "127.0.0.1", ports),
        pod("triton-b", conditions=unscheduled()),
        pod("triton-c", "127.0.0.1", deleted="2026-11-20T10:00:00Z"),
    )

    main(["--config", config, "doctor", "--json"])

    checks = {check["id"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    found = checks["discovery.kubernetes"]
    assert found["status"] == "warn"
    assert found["message"] == (
        "1 server among pods with app=triton in shop; left out: 1 pending, 1 terminating"
    )
    assert found["hint"] == "1 pod pending: Insufficient nvidia.com/gpu"
    assert checks["discovery.prometheus"]["message"] == "not asked for"
    assert "its targets are looked for" in checks["settings"]["message"]
