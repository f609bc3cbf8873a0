"""What an engineer reads on the alerts screen."""

import pytest

from console.domain.around import Page, PagesReading, PageState
from console.domain.rows import Alert, AlertState
from console.view.alert_fields import ALERT_FIELDS
from console.view.alert_pages import page_rows
from console.view.alerts import SORTS, alert_detail, alert_rows, alerts_table
from console.view.filters import Filter, parse
from console.view.styled import plain, width
from console.view.table import Sort
from tests.fake_history import NOW
from tests.snapshots import HOSTILE_NAMES, alert, model_row, slo, snapshot


def made(subject: str, state: AlertState, ago: float, **changes) -> Alert:
    severity = "page" if state is AlertState.PAGE else "ticket"
    return alert(subject, severity, state=state, since=NOW - ago, **changes)


FIRING = (
    made("a/1", AlertState.PAGE, 60),
    made("b/1", AlertState.PAGE, 600, note="known (ana)"),
    made("c/1", AlertState.TICKET, 900),
    made("d/1", AlertState.PAGE, 120),
)
CALM = (made("e/1", AlertState.ACCEPTABLE, 1200), made("f/1", AlertState.RECOVERING, 300))


def page(name: str = "TritonErrorBudgetBurn", **changes) -> Page:
    labels = changes.pop("labels", {"alertname": name, "model": "ranker", "severity": "page"})
    made = Page("f1", name, "page", labels, NOW - 200, PageState.ACTIVE, ("oncall-ml",), (), "ranker burns")
    return made._replace(**changes)


def lines(*args, **kwargs) -> str:
    return "\n".join(plain(line) for line in alert_detail(*args, **kwargs))


def order(sort: Sort) -> str:
    table = alerts_table(snapshot(alerts=FIRING, calm=CALM), Filter(""), sort)
    return "".join(item.subject[0] for item in table.items)


def test_what_is_urgent_and_old_is_on_top_and_what_is_silenced_below_what_fires() -> None:
    shown = alert_rows(snapshot(alerts=FIRING, calm=CALM))
    assert [row.subject[0] for row in shown] == ["d", "a", "c", "b", "f", "e"]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_can_be_turned_round(sort: str) -> None:
    assert order(Sort(sort)) == order(Sort(sort, reversed=True))[::-1]


def test_by_age_the_newest_is_first() -> None:
    assert order(Sort("since")) == "adfbce"


def test_a_row_says_state_age_and_evidence_and_a_silenced_one_why() -> None:
    table = alerts_table(snapshot(alerts=FIRING, calm=CALM), Filter(""))
    rows = [[plain(cell) for cell in table.row(item, frozenset()).cells] for item in table.items]
    assert rows[0][:5] == ["✗", "page", "08:51:20", "2m 00s", "d/1"]
    assert rows[0][6] == "5m 21.0×, 1h 9.4×"
    assert [row[1] for row in rows] == ["page", "page", "ticket", "silenced", "recovering", "over"]
    assert rows[3][6] == "silenced: known (ana)"


def test_the_filter_knows_states_models_and_words() -> None:
    picture = snapshot(alerts=(*FIRING, alert("x/1", model="x", state=AlertState.PAGE)), calm=CALM)
    for text, found in (("state=ticket", "c"), ("model=x", "x"), ("-state=page note:ana", ""), ("e/1", "e")):
        chosen = parse(text, ALERT_FIELDS)
        assert "".join(item.subject[0] for item in alerts_table(picture, chosen).items) == found


def test_nothing_to_tell_is_told() -> None:
    assert "No alert fires" in plain(alerts_table(snapshot(), Filter("")).empty[0])
    chosen = parse("zzz", ALERT_FIELDS)
    assert "No alert matches zzz" in plain(alerts_table(snapshot(alerts=FIRING), chosen).empty[0])


def test_the_detail_has_the_burn_of_each_pair_of_windows() -> None:
    burn = {"5m": 21.0, "30m": 9.4, "1h": None, "2h": None, "6h": None, "1d": None, "3d": None}
    row = model_row(slo=slo(observed_s=720.0)._replace(burn=burn))
    told = lines(alert(model="ranker", state=AlertState.PAGE), snapshot([row, model_row("embed", "3")]))
    assert "state    page, since 08:49:20Z, 4m 00s" in told
    assert "Budget burn of ranker/7  0.999 answered, p99 within 200 ms" in told
    assert "5 m and 1 h   21.0×  9.4×   14.4×  page    12 of 60 min seen" in told
    assert "30 m and 6 h   9.4×  9.4×    6.0×  page    12 min of 6 h seen" in told
    assert "2 h and 1 d      ··" in told
    assert "embed" not in told


def test_the_detail_says_who_else_was_paged_or_how_to_know() -> None:
    burn = alert(model="ranker")
    assert 'unknown: set alertmanager = "URL"' in lines(burn, snapshot())
    nobody = PagesReading((page(labels={"model": "embed"}),))
    assert "nobody about this; Alertmanager holds 1 alert in all" in lines(burn, snapshot(pages=nobody))
    told = lines(burn, snapshot(pages=PagesReading((page(),))), cells=100)
    assert "TritonErrorBudgetBurn  page      08:50:00Z  oncall-ml  ranker burns" in told


@pytest.mark.parametrize(
    ("labels", "target", "found"),
    [
        ({"instance": "triton-0:8002"}, "triton-0", True),
        ({"pod": "triton-0"}, "triton-0", True),
        ({"instance": "triton-1:8002"}, "triton-0", False),
        ({"job": "triton"}, "triton-0", True),
    ],
)
def test_a_page_about_a_target_is_found_by_its_labels_or_its_rule(labels, target, found) -> None:
    pages = PagesReading((page("TritonMetricsMissing", labels=labels),))
    missing = alert("triton-0", "ticket", target=target)._replace(id="metrics-missing")
    assert bool(page_rows(snapshot(pages=pages), missing)) is found


def test_suppressed_pages_stand_last_with_what_silences_them() -> None:
    muted = page("Old", state=PageState.SUPPRESSED, silenced_by=("5d3f",), since=NOW - 900)
    rows = [plain(line) for line in page_rows(snapshot(pages=PagesReading((muted, page()))))]
    assert "oncall-ml" in rows[1]
    assert "silenced by 5d3f" in rows[2]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("cells", [40, 80])
def test_hostile_texts_stay_in_their_lines(name: str, cells: int) -> None:
    strange = alert(name, message=name, evidence=name, note=name, model=name, target=name)
    pages = PagesReading((page(name, labels={"model": name}, receivers=(name,), summary=name),))
    picture = snapshot([model_row(name, slo=slo())], alerts=(strange,), pages=pages)
    for line in alert_detail(strange, picture, cells):
        assert plain(line).isprintable()
        assert width(plain(line)) <= cells
    table = alerts_table(picture, Filter(""))
    assert all(plain(cell).isprintable() for cell in table.row(strange, frozenset()).cells)
