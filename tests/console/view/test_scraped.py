"""What a fleet that is seen through Prometheus looks like: no state is claimed, and nothing is trouble for that."""

from dataclasses import replace

from console.domain.alerts import conditions
from console.domain.prospect import Group, PrometheusReading
from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from console.domain.versions import SCRAPED
from console.view.filters import Filter
from console.view.header import Moment, header
from console.view.model import sections, title
from console.view.models import models_table
from console.view.severity import Level, level
from console.view.shell import status_command, triage_command
from console.view.styled import plain
from tests.snapshots import fleet, model_row, snapshot, target_row

GROUPS = (Group("eu", {"cluster": "eu"}, 24, 25, 4.0), Group("us", {"cluster": "us"}, 25, 25, 4.0))
TOLD = PrometheusReading(100.0, GROUPS, (), (), "Prometheus 2.42.0", 15.0, 60.0)


def scraped(**changes: object) -> ModelRow:
    return model_row(state=State.UNKNOWN, reason=SCRAPED, ready=0, targets=("eu", "us"), **changes)


def picture(**changes: object) -> Snapshot:
    settings = fleet(prometheus="http://prom:9090", through_prometheus=True, selector='job="triton"')
    groups = (target_row("eu", ready=None), target_row("us", ready=None))
    return snapshot([scraped()], groups, **{"fleet": settings, "prometheus": TOLD, **changes})


def test_the_header_counts_servers_and_not_groups() -> None:
    assert "▲ 49/50 servers" in plain(header(picture().fleet, picture(), Moment(100.0)).left)


def test_while_prometheus_is_silent_nobody_knows_how_many_servers_answer() -> None:
    silent = replace(picture(), targets=(target_row("eu", up=False, stale=True),))
    down = (Group("eu", {"cluster": "eu"}, 0, 25, None),)
    told = replace(silent, prometheus=TOLD._replace(groups=down))

    assert "✗ ?/50 servers" in plain(header(silent.fleet, silent, Moment(100.0)).left)
    assert "✗ 0/25 servers" in plain(header(told.fleet, told, Moment(100.0)).left)


def test_data_are_late_when_they_are_older_than_scrapes_explain() -> None:
    def late(age_s: float) -> bool:
        seen = replace(picture(), targets=(target_row("eu", age_s=age_s),))
        line = header(seen.fleet, seen, Moment(0.0)).left
        return any(span.role == "warn" and span.text.endswith(" ago") for span in line)

    assert not late(40.0)
    assert late(50.0)


def test_a_version_whose_state_nobody_tells_is_well_while_its_figures_are() -> None:
    assert level(scraped()) is Level.WELL
    assert level(scraped(stale=True)) is Level.STALE
    assert not list(conditions((), [scraped()], ()))


def test_the_state_is_said_to_be_scraped_and_no_target_is_called_ready() -> None:
    table = models_table(picture(), Filter(""))
    cells = table.row(table.items[0], frozenset(column.id for column in table.columns)).cells

    assert "scraped" in [plain(cell) for cell in cells]
    assert "in 2 groups" in plain(title(scraped(), 0.0))
    shown = "\n".join(plain(line) for section in sections(picture(), scraped()) for line in section.lines)
    assert "open a server of it directly" in shown
    assert "the server says why" not in shown


def test_copied_commands_name_the_fleet_and_no_address_of_prometheus() -> None:
    for command in (status_command(picture().fleet), triage_command(picture().fleet, "ranker")):
        assert "--fleet prod" in command
        assert "http" not in command
