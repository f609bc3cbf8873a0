"""What doctor says of what stands around the servers: each with its id, its state, and what to do."""

import asyncio
import json
from pathlib import Path

import pytest

from console.cli import main
from console.cli._check import Check, Status
from console.cli._check_around import around_checks
from console.cli._check_reach import _all, reach_checks
from console.domain.around import PagesReading
from console.domain.contract import Held
from console.domain.fleet import Fleet
from console.domain.snapshot import Snapshot
from console.domain.surfaces import (
    CommandGateway,
    Envoy,
    EnvoyRoute,
    Freeze,
    Haproxy,
    Kubernetes,
    KubernetesGateway,
    KubernetesRoute,
)
from console.storage.journal import journal_path
from tests.parts import hostile
from tests.parts.contracts import read
from tests.parts.haproxy import Haproxy as RealHaproxy
from tests.parts.haproxy import one_backend
from tests.parts.kubernetes_bench import cluster
from tests.parts.kubernetes_bench import fleet as in_cluster
from tests.snapshots import NOW, fleet, frozen, snapshot


def by_id(fleet: Fleet, wanted: str) -> Check:
    (found,) = [check for check in reach_checks(fleet) if check.id == wanted]
    return found


def seen(picture: Snapshot, wanted: str) -> Check:
    (found,) = [check for check in around_checks(picture) if check.id == wanted]
    return found


def test_what_nobody_asked_for_is_well() -> None:
    checks = [*reach_checks(Fleet()), *around_checks(snapshot())]
    assert {check.id for check in checks if check.message == "not asked for"} == {
        *("prometheus", "gateway", "kubernetes", "gateway.metrics", "alertmanager", "contracts"),
        *("discovery.kubernetes", "discovery.prometheus"),
    }
    assert {check.status for check in checks} == {Status.OK}


def test_a_prometheus_that_is_not_there_is_said_with_what_it_costs() -> None:
    check = by_id(Fleet(prometheus="http://127.0.0.1:9"), "prometheus")
    assert (check.status, "connection refused" in check.message) == (Status.WARN, True)
    assert "PromQL" in check.hint


def test_contracts_that_are_not_understood_are_said_line_by_line() -> None:
    mine = fleet("a", contracts="/contracts")
    held = {"ranker": Held(read("ownr = 'a'\nbakend = 'b'\n")), "embed": Held(read(""))}
    found = [c for c in around_checks(snapshot(fleet=mine, contracts=held)) if c.id == "contracts"]
    assert [(check.status, check.subject) for check in found] == [(Status.FAIL, "ranker")] * 2
    assert "did you mean owner?" in found[0].message

    well = seen(snapshot(fleet=mine, contracts={"embed": Held(read(""))}), "contracts")
    assert (well.status, well.message) == (Status.OK, "1 contract understood")
    lost = seen(snapshot(fleet=mine, notes=("contracts: /contracts: No such file",)), "contracts")
    assert (lost.status, lost.message) == (Status.FAIL, "/contracts: No such file")


def test_an_alertmanager_that_did_not_answer_is_said_in_its_own_words() -> None:
    of = fleet("a", alertmanager="http://am:9093")
    told = seen(snapshot(fleet=of, notes=("alertmanager: HTTP 502 at http://am:9093",)), "alertmanager")
    assert (told.status, told.message) == (Status.WARN, "alertmanager: HTTP 502 at http://am:9093")
    assert seen(snapshot(fleet=of, pages=PagesReading(())), "alertmanager").status is Status.OK


def test_a_lock_that_cannot_be_read_is_a_failure_and_one_that_is_held_is_not() -> None:
    unknown = seen(snapshot(lock_unknown="the deploy lock cannot be read: it is not JSON"), "deploy_lock")
    assert (unknown.status, "not JSON" in unknown.message) == (Status.FAIL, True)
    held = seen(snapshot(frozen=frozen()), "deploy_lock")
    assert (held.status, "frozen by" in held.message) == (Status.OK, True)
    assert "not frozen" in seen(snapshot(frozen=frozen()._replace(until=NOW - 1)), "deploy_lock").message


@pytest.mark.parametrize(
    ("level", "read_only", "status"),
    [("admin", False, Status.OK), ("user", False, Status.FAIL), ("user", True, Status.OK)],
)
def test_a_haproxy_must_let_the_console_change_weights_unless_it_only_reads(
    level: str, read_only: object, status: Status, tmp_path: Path
) -> None:
    config = one_backend("  server v1 127.0.0.1:9\n")
    with RealHaproxy(tmp_path, config, level) as gateway:
        check = by_id(Fleet(gateway=Haproxy(gateway.address), read_only=bool(read_only)), "gateway")
    assert check.status is status, check
    assert level in check.message


@pytest.mark.parametrize(
    ("gateway", "said"),
    [
        (Haproxy("/no/such/socket"), "/no/such/socket"),
        (Envoy("http://127.0.0.1:9", routes=(EnvoyRoute("m", runtime="a"),)), "connection refused"),
    ],
)
def test_a_gateway_that_is_not_there_is_a_failure(gateway: Haproxy | Envoy, said: str) -> None:
    check = by_id(Fleet(gateway=gateway), "gateway")
    assert (check.status, said in check.message, bool(check.hint)) == (Status.FAIL, True, True), check


@pytest.mark.parametrize(
    ("layers", "routes", "status"),
    [
        ([{"admin_layer": {}, "name": "admin"}], (EnvoyRoute("m", runtime="a"),), Status.OK),
        ([], (EnvoyRoute("m", runtime="a"),), Status.FAIL),
        ([], (EnvoyRoute("m", shed="a"),), Status.FAIL),
        ([], (EnvoyRoute("m", rds="file"),), Status.OK),
    ],
)
async def test_an_envoy_needs_an_admin_layer_where_its_runtime_is_set(
    layers: list[object], routes: tuple[EnvoyRoute, ...], status: Status
) -> None:
    dump = {"configs": [{"bootstrap": {"layered_runtime": {"layers": layers}}}]}

    async def behaviour(path: str, writer: asyncio.StreamWriter) -> None:
        hostile.answer(writer, json.dumps(dump).encode())

    async with hostile.serving(behaviour) as url:
        checks = await _all(Fleet(gateway=Envoy(url, routes=routes)))

    (check,) = [each for each in checks if each.id == "gateway"]
    assert check.status is status, check


async def test_a_prometheus_that_answers_says_what_it_scrapes() -> None:
    body = {
        "status": "success",
        "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "1"]}]},
    }

    async def behaviour(path: str, writer: asyncio.StreamWriter) -> None:
        hostile.answer(writer, json.dumps(body).encode())

    async with hostile.serving(behaviour) as url:
        (check, *_) = await _all(Fleet(prometheus=url))

    assert (check.id, check.status, check.message) == (
        *("prometheus", Status.OK),
        f"{url} answers; it scrapes 1 target",
    )


async def test_one_that_never_answers_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.cli._check_reach._LONGEST_S", 0.05)
    async with hostile.serving(hostile.hang) as url:
        checks = await _all(Fleet(gateway=Envoy(url), prometheus=url))

    assert {check.id: check.status for check in checks} == {
        "prometheus": Status.FAIL,
        "gateway": Status.FAIL,
        "kubernetes": Status.OK,
        "discovery.kubernetes": Status.OK,
        "discovery.prometheus": Status.OK,
    }


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({}, Status.WARN, "no route is counted"),
        ({"notes": ("gateway: connection refused",)}, Status.WARN, "connection refused"),
        ({"routes": (None,)}, Status.OK, "1 route counted"),
    ],
)
def test_a_gateway_whose_counters_cannot_be_read_is_said(changes, status, said) -> None:
    check = seen(
        snapshot(fleet=fleet("a", gateway_metrics="http://gw/metrics"), **changes), "gateway.metrics"
    )
    assert (check.status, said in check.message) == (status, True), check


def test_commands_are_not_run_to_look_at_them(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    check = by_id(Fleet(gateway=CommandGateway(*[f"touch {mark}; echo {{percent}}"] * 3)), "gateway")
    assert check.status is Status.OK
    assert not mark.exists()


def named(context: str = "admin", *, read_only: bool = False) -> list[Check]:
    base = in_cluster(
        Freeze(kubernetes=("deployment/web",), argocd=("ranker",)),
        KubernetesGateway((KubernetesRoute("ranker", "httproute/web", ("web-canary",)),)),
        "deployment/web",
        context,
    )
    made = Fleet(gateway=base.gateway, freeze=base.freeze, kubernetes=base.kubernetes, read_only=read_only)
    return [check for check in reach_checks(made) if check.id == "kubernetes"]


def test_each_thing_of_the_cluster_is_looked_at_once() -> None:
    cluster()
    checks = named()
    assert [check.subject for check in checks] == [
        *("shop/deployment/web", "shop/application/ranker", "shop/httproute/web")
    ]
    assert {(check.status, check.message) for check in checks} == {(Status.OK, "can be read and changed")}


def test_who_may_only_look_is_told_what_to_ask_for() -> None:
    cluster()
    (first, *_) = named("viewer")
    assert first.status is Status.WARN
    assert first.hint == "ask for patch on deployments.apps in shop"
    assert named("viewer", read_only=True)[0].status is Status.OK


def test_a_login_that_does_not_work_is_said_once() -> None:
    cluster()
    (only,) = named("bad")
    assert (only.subject, only.status) == ("", Status.FAIL)
    assert "log in again" in only.hint


def test_without_kubectl_what_to_install_is_said() -> None:
    check = by_id(Fleet(kubernetes=Kubernetes("/no/such/kubectl", workload="deployment/web")), "kubernetes")
    assert (check.status, "install kubectl" in check.hint) == (Status.FAIL, True)


@pytest.fixture
def doctor(tmp_path, monkeypatch, capsys):
    """Runs doctor with a settings file, its lines after the targets; gives the checks by id."""

    def run(settings: str):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("console.cli.doctor.observe", lambda *_: snapshot())
        Path("t.toml").write_text(f"[fleets.prod]\ntargets=['a']\nstate='state'\n{settings}\n")
        main(["doctor", "--config", "t.toml", "--json"])
        checks = json.loads(capsys.readouterr().out)["checks"]
        return {check["id"]: check for check in checks}

    return run


def test_runbooks_of_the_team_are_read_and_their_problems_told(doctor, tmp_path):
    (tmp_path / "ours").mkdir()
    assert "ours" in doctor("runbooks='ours'")["runbooks"]["message"]
    (tmp_path / "ours" / "slow.toml").write_text("title = 3\n")
    told = doctor("runbooks='ours'")["runbooks"]
    assert (told["status"], "slow.toml" in told["message"]) == ("fail", True)


def test_a_journal_that_was_changed_is_a_failure(doctor, tmp_path):
    assert doctor("")["journal"]["status"] == "ok"
    path = journal_path(tmp_path / "state", "prod")
    path.parent.mkdir(exist_ok=True)
    path.write_text("not a record\n")
    told = doctor("")["journal"]
    assert told["status"] == "fail"
    assert "journal --verify" in told["hint"]
