"""The fleet table and its panels, as text."""

from dataclasses import replace
from typing import Any

from console.domain.basis import Basis
from console.domain.fleet import ModelVersion, Target
from console.domain.prospect import Group, PrometheusReading, Worst
from console.domain.rows import LoadRow, ReplicaRow, TargetRow
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from console.view.filters import Filter, parse
from console.view.fleet import SORTS, WORST, fleet_table
from console.view.fleet_fields import FLEET_FIELDS
from console.view.fleet_panels import TextPanel, fleet_panels, one_line
from console.view.fleet_rows import Server, Standing, servers
from console.view.styled import plain
from console.view.table import Sort
from tests.fake_history import NOW, FakeHistory
from tests.snapshots import HOSTILE_NAMES, down_target, fleet, gpu_row, model_row, snapshot, target_row

KEY = ModelVersion("ranker", "7")
EVERY = frozenset(("gpu", "how", "node", "pod"))


class StillHistory(FakeHistory):
    """Nothing was kept: what is known is the newest poll."""

    def replica(self, target: str, key: ModelVersion, column: str, seconds: float) -> Any:
        return super().replica(target, key, column, seconds)._replace(at=(), values=())


def replica(name: str, **changes: Any) -> ReplicaRow:
    row = ReplicaRow(name, KEY, State.READY, "", 400.0, 0.0, 20.0, 46.0, 1.0, 10.0, 0.0, 0.4, stale=False)
    return row._replace(**changes)


def picture(*rows: TargetRow, replicas: list[ReplicaRow] | None = None, **changes: Any) -> Snapshot:
    made = replicas if replicas is not None else [replica(row.name) for row in rows]
    names = tuple(row.name for row in rows)
    values = {
        "models": [model_row(targets=names, ready=len(names))],
        "targets": rows,
        "history": StillHistory(made),
        "gpus": (),
        **changes,
    }
    return snapshot(**values)


def seen(shown: Snapshot, sort: Sort = WORST, text: str = "", model: str = "") -> list[str]:
    chosen: Filter[Server] = parse(text, FLEET_FIELDS)
    assert not chosen.errors
    table = fleet_table(shown, chosen, sort, model)
    return ["  ".join(plain(cell) for cell in table.row(item, EVERY).cells) for item in table.items]


def panels(shown: Snapshot, number: int = 0, model: str = "") -> tuple[str, str, str]:
    found = fleet_panels(shown, servers(shown, model)[number], shown.models[0], model)
    return tuple(text(panel) for panel in found)  # type: ignore[return-value]


def text(panel: TextPanel) -> str:
    return "\n".join(plain(line) for line in (panel.title, *panel.lines))


def through_prometheus(**changes: Any) -> Snapshot:
    known = (Target("ml", "http://prom:9090", "", scraped=True),)
    slow = Worst(KEY, "10.0.0.3:8002", {"pod": "triton-x", "namespace": "ml"}, 183.0, Basis.SUMMARY, 4.0)
    nowhere = slow._replace(instance="somewhere else", labels={}, value_ms=90.0)
    told = PrometheusReading(NOW, (Group("ml", {"namespace": "ml"}, 11, 12, 7.0),), (slow, nowhere), ())
    row = target_row("ml", url="http://prom:9090")
    return picture(
        row, fleet=fleet(targets=known, through_prometheus=True), prometheus=told, replicas=[], **changes
    )


def test_the_worst_is_on_top_and_each_has_a_sign_of_its_own() -> None:
    rows = (target_row("a"), target_row("b", ready=False), down_target("c"), target_row("d", stale=True))
    assert [line.split()[:2] for line in seen(picture(*rows))] == [
        ["✗", "c"],
        ["▲", "b"],
        ["◌", "d"],
        ["●", "a"],
    ]


def test_of_servers_that_are_well_the_slowest_is_on_top_with_the_mark_of_its_basis() -> None:
    slow, means = replica("b", p99_ms=183.0), replica("c", p99_ms=None)
    rows = seen(picture(*map(target_row, "abc"), replicas=[replica("a"), slow, means]))
    assert [line.split()[1] for line in rows] == ["b", "a", "c"]
    assert "183.0ˢ" in rows[0]
    assert "20.0ᵐ" in rows[2]


def test_each_column_sorts_and_what_is_unknown_stands_last() -> None:
    shown = picture(target_row("b"), down_target("c"), target_row("a"), replicas=[replica("a"), replica("b")])
    for by in SORTS:
        assert len(seen(shown, Sort(by))) == 3
    assert [line.split()[1] for line in seen(shown, Sort("name"))] == ["a", "b", "c"]
    assert [line.split()[1] for line in seen(shown, Sort("name", reversed=True))] == ["c", "b", "a"]
    assert seen(shown, Sort("rate"))[-1].split()[1] == "c"


def test_filters_by_place_state_and_figures() -> None:
    rows = (target_row("a", gpus=("GPU-1",)), target_row("b"), down_target("c"))
    gpus = (gpu_row("GPU-1", pod="a", node="node-7", number="3"),)
    shown = picture(*rows, replicas=[replica("a"), replica("b", rate=900.0)], gpus=gpus)
    for written, wanted in (
        ("node=node-7", "a"),
        ("gpu:3", "a"),
        ("known=exact", "a"),
        ("rate>500", "b"),
        ("state=DOWN", "c"),
    ):
        assert [line.split()[1] for line in seen(shown, text=written)] == [wanted]
    assert [line.split()[1] for line in seen(shown, text="version=7")] == ["a", "b"]


def test_a_place_is_told_with_how_it_is_known() -> None:
    shown = picture(target_row("a", gpus=("GPU-1",)), gpus=(gpu_row("GPU-1", pod="a", number="3"),))
    (line,) = seen(shown)
    assert "exact" in line
    assert "node-0" in line
    place, _, _ = panels(shown)
    assert "GPU exact: the server's own UUID, and DCGM says pod a holds it" in place
    assert "enter opens this server by itself" in place


def test_an_unknown_place_says_how_to_know_it() -> None:
    place, _, _ = panels(picture(target_row("a")))
    assert "GPU unknown: the server reports no GPU" in place
    assert "→ Triton's own GPU metrics" in place


def test_figures_of_one_model_have_its_versions_and_those_of_all_have_the_number_of_models() -> None:
    other = ModelVersion("embed", "3")
    loads = [LoadRow("a", 4.0, 0.0, 2.0, 3.0, KEY, 1.0, 0.0, (other, KEY))]
    shown = picture(target_row("a"), history=FakeHistory(load_rows=loads))
    assert "2 models" in seen(shown)[0]
    assert "v7" in seen(shown, model="ranker")[0]


def test_the_odd_replica_is_named() -> None:
    rows = [replica(name) for name in "abc"] + [replica("d", p99_ms=183.0)]
    _, odd, _ = panels(picture(*map(target_row, "abcd"), replicas=rows))
    assert "▲ p99 of d is 4× the median (183 against 46 ms, summary)" in odd


def test_nothing_odd_is_said_with_what_it_rests_on() -> None:
    assert "3 replicas: none stands out" in panels(picture(*map(target_row, "abc")))[1]
    assert "there is none to compare it with" in panels(picture(target_row("a")))[1]


def test_scaling_is_a_calculation_with_its_targets_and_what_is_unknown() -> None:
    shown = picture(
        *map(target_row, "abcd"), models=[model_row(targets=("a", "b", "c", "d"), ready=4, queue_ms=60.0)]
    )
    _, _, scaling = panels(shown, model="ranker")
    assert "has 4  an autoscaler on these computes 12 by queue time of ranker/7" in scaling
    assert "a calculation, not advice" in scaling
    assert "GPU: no GPU of its servers is known" in scaling


def test_a_group_tells_how_many_are_up_and_its_slowest_servers_stand_below() -> None:
    lines = seen(through_prometheus())
    assert lines[0].split()[:4] == ["▲", "ml", "11/12", "up"]
    assert "7.0s" in lines[0]
    assert lines[1].split()[:3] == ["›", "triton-x", "slowest"]
    assert "183.0ˢ" in lines[1]
    assert "ml/triton-x" in lines[1]
    assert "nothing says its address" in lines[2]


def test_a_server_that_prometheus_names_can_be_opened_at_the_address_it_is_scraped_at() -> None:
    shown = through_prometheus()
    group, slow, nowhere = servers(shown, "")
    assert group.direct is None
    assert slow.direct is not None
    assert slow.direct.url == "http://10.0.0.3:8000"
    assert slow.direct.metrics == "http://10.0.0.3:8002/metrics"
    assert nowhere.direct is None
    assert "enter opens http://10.0.0.3:8000 by itself" in panels(shown, 1)[0]
    assert "11 of 12 servers are up" in panels(shown)[0]
    assert servers(shown, "other")[1:] == []


def test_replicas_of_a_group_are_those_that_answer_their_scrapes() -> None:
    row = model_row(targets=("ml",), ready=0, state=State.UNKNOWN, queue_ms=40.0)
    assert (
        "has 11  an autoscaler on these computes 22 by queue time"
        in panels(through_prometheus(models=[row]), model="ranker")[2]
    )


def test_hostile_names_stay_in_their_cells() -> None:
    rows = [target_row(f"{name}{number}", gpus=(name,)) for number, name in enumerate(HOSTILE_NAMES)]
    gpus = tuple(gpu_row(name, node=name, pod=name) for name in HOSTILE_NAMES)
    shown = picture(*rows, gpus=gpus)
    found = seen(shown)
    for number in range(len(rows)):
        found += panels(shown, number)
        found.append(plain(one_line(servers(shown, "")[number], shown, shown.models[0])))
    assert not set("\x1b\x07\u202e") & set("".join(found))
    assert max(map(len, found)) < 3000


def test_without_servers_that_is_said() -> None:
    table = fleet_table(picture(replicas=[]), Filter(""))
    assert plain(table.empty[0]) == "No server is known: none is listed, and none was found."


def test_the_slowest_servers_are_called_alike_in_the_table_and_in_the_panel() -> None:
    shown = through_prometheus(models=[model_row()])
    assert any("triton-x" in line for line in seen(shown))
    assert "› triton-x" in panels(shown, model="ranker")[1]


def test_groups_and_servers_of_a_prometheus_that_told_nothing_new_are_old_and_not_up() -> None:
    shown = through_prometheus()
    assert shown.prometheus is not None
    late = replace(
        shown,
        prometheus=shown.prometheus._replace(at=NOW - 2400.0),
        targets=(target_row("ml", url="http://prom:9090", up=False, stale=True),),
    )
    group, slow, _ = seen(late)
    assert ("11/12" in group, "old 40m" in group, group.split()[0]) == (False, True, "◌")
    assert "40m" in slow
    assert {server.standing for server in servers(late, "")} == {Standing.STALE}
    assert "11/12 up" in seen(shown)[0]
    assert "7.0s" in seen(shown)[0]
