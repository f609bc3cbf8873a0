"""Panels and charts as values: figures, series, marks, scales."""

from console.domain.basis import Missing
from console.domain.slo import WINDOWS
from console.domain.snapshot import Points
from console.view.charts import Chart, Series, Stretch, fitting, legend, runs, scale, series, time_ticks
from console.view.gpu_panels import gpu_panels
from console.view.panels import one_line, panels
from console.view.styled import plain
from tests.snapshots import NOW, FakeHistory, gpu_row, model_row, percentiles, slo, snapshot

STRETCH = Stretch(NOW, 300.0, 1.0)


def test_the_slo_panel_says_percentiles_ratio_burn_and_what_was_spent() -> None:
    row = model_row(percentiles=percentiles(183.4), slo=slo(3.7, 21.0))
    facts = [plain(line) for line in panels(snapshot([row]), row, STRETCH)[0].facts]
    assert facts[0] == "p50 55.0  p95 146.7  p99 183.4ˢ ms"
    assert facts[1] == "3.7× of 200 ms  0.73 % of 30 d budget in 15m"
    assert facts[2] == "burn 5m 21.0× 1h 21.0× 6h ··"


def test_the_usual_windows_fit_a_narrow_panel_however_many_are_known() -> None:
    burn = dict.fromkeys(WINDOWS, 21.0)
    row = model_row(slo=slo()._replace(burn=burn))
    facts = [plain(line) for line in panels(snapshot([row]), row, STRETCH)[0].facts]
    assert facts[2] == "burn 5m 21.0× 30m 21.0× 1h 21.0× 6h 21.0×"
    assert facts[2] in plain(one_line(snapshot([row]), row))


def test_without_percentiles_it_shows_the_mean_and_the_way_to_know_more() -> None:
    row = model_row(percentiles=None, latency_missing=Missing.UNSUPPORTED)
    panel = panels(snapshot([row]), row, STRETCH)[0]
    assert plain(panel.facts[0]) == "p99 n/a  mean 40.5 ms"
    assert "summary_latencies=true" in plain(panel.facts[-1])
    assert [line.label for line in panel.chart.series] == ["mean"]


def test_the_queue_panel_says_which_batch_sizes_ran() -> None:
    row = model_row(batches={1: 50, 4: 50, 8: 100}, errors={"REJECTED": 3.0})
    facts = [plain(line) for line in panels(snapshot([row]), row, STRETCH)[1].facts]
    assert facts[0] == "queue 12.0 ms  waiting 3  rejected 3"
    assert facts[1].split() == ["batch", "3.10", "1▃25%", "4▃25%", "8▅50%"]


def test_the_compute_panel_says_where_the_model_runs() -> None:
    history = FakeHistory(configs={"ranker": {"triton-0": {"instance_group": [{"gpus": [3, 1]}]}}})
    row = model_row(hit_ratio=0.25)
    text = "\n".join(plain(line) for line in panels(snapshot([row], history=history), row, STRETCH)[2].facts)
    assert "on GPU 1, 3" in text
    assert "executions/s" in text
    assert "cache hits 25.0 %" in text


def test_one_line_stands_for_the_panels() -> None:
    row = model_row()
    assert plain(one_line(snapshot([row]), row)).startswith(
        "ranker v7  queue 12.0  wait 3  input 1.10  infer 26.0"
    )


def test_equal_pictures_make_equal_charts_until_a_step_is_full() -> None:
    row = model_row()
    at_once = panels(snapshot([row]), row, STRETCH)[0].chart
    a_bit_later = panels(snapshot([row]), row, STRETCH._replace(until=NOW + 0.9))[0].chart
    a_step_later = panels(snapshot([row]), row, STRETCH._replace(until=NOW + STRETCH.step))[0].chart
    assert at_once == a_bit_later
    assert at_once != a_step_later


def test_a_held_picture_does_not_show_what_came_after_it() -> None:
    row = model_row()
    held = panels(snapshot([row]), row, STRETCH._replace(until=NOW - 100, lag=100.0))[0].chart
    assert held.until <= NOW - 100
    assert len(held.series[0].values) == 150


def test_the_version_before_is_drawn_beside_the_new_one() -> None:
    old, new = model_row("ranker", "6"), model_row("ranker", "7")
    panel = panels(snapshot([old, new, model_row("embed", "1")]), new, STRETCH)[0]
    assert [line.label for line in panel.chart.series] == ["p99", "p50", "p99 v6"]


def chart(values: tuple[float | None, ...], level: float | None = None) -> Chart:
    return Chart("ms", 0.0, 2.0, (Series("p99", "first", values),), level=level, level_label="200 ms")


def test_the_scale_has_a_round_top_and_the_threshold_belongs_to_it_unless_it_would_flatten_the_line() -> None:
    assert scale(chart((60.0,)), 4).ticks == (0, 20, 40, 60)
    assert scale(chart((60.0,), level=200.0), 4).top >= 200
    assert scale(chart((12.0,), level=200.0), 4).top < 50
    assert scale(chart((None,)), 4).top >= 1


def test_a_single_unknown_step_is_bridged_and_a_longer_gap_is_not() -> None:
    found = runs(Series("x", "first", (1.0, None, 3.0, None, None, 6.0)))
    assert [[step for step, _ in run] for run in found] == [[0, 2], [5]]


def test_looks_that_were_seldom_are_one_line_and_what_was_unknown_or_unwatched_is_none() -> None:
    """History that was remembered has a value every ten or fifteen seconds."""
    seldom = [(NOW - 300 + at, 1.0) for at in range(0, 60, 15)]
    unknown = [(NOW - 240, 1.0), (NOW - 230, None), (NOW - 220, 1.0)]
    after_a_while = [(NOW - 100, 1.0), (NOW - 90, 1.0)]
    told = [*seldom, *unknown, *after_a_while]

    found = series("x", "first", Points(*map(list, zip(*told, strict=True))), Stretch(NOW, 300.0, 1.0))

    assert [len(run) for run in runs(found)] == [5, 1, 2]


def test_time_ticks_stand_at_round_moments() -> None:
    long = Chart("ms", NOW - 300, 2.0, (Series("x", "first", (None,) * 150),))
    moments, labels = time_ticks(long, 5)
    assert labels == ("08:49", "08:50", "08:51", "08:52", "08:53")
    assert all(moment % 60 == 0 for moment in moments)


def test_charts_of_a_young_console_show_the_little_there_is() -> None:
    assert fitting(300.0, 30.0) == 60.0
    assert fitting(300.0, 100.0) == 120.0
    assert fitting(300.0, 10_000.0) == 300.0
    assert fitting(3600.0, 400.0) == 900.0


def test_the_legend_names_lines_their_axis_and_the_threshold() -> None:
    two = chart((1.0,), level=200.0)
    two = two._replace(series=(*two.series, Series("waiting", "second", (1.0,), right=True)))
    assert plain(legend(two)) == "━ p99  ━ waiting →  ╌ 200 ms"


def test_gpu_panels_say_what_is_not_exported() -> None:
    row = gpu_row(tensor_active=None, power_limit_w=700.0)
    activity, memory = gpu_panels(snapshot(gpus=(row,)), row, STRETCH)
    assert plain(activity.facts[0]) == "util 55.0  SM 48.0  tensor n/a  DRAM n/a %"
    assert "limit 700 W" in plain(activity.facts[1])
    assert plain(memory.facts[0]) == "used 50.0  free 30.0  of 80.0 GiB"
    assert memory.chart.level == 80.0
