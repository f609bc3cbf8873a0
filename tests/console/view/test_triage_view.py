import unicodedata
from dataclasses import replace

import pytest

from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet, Target
from console.domain.triage import Advice, Answer, Evidence, Mitigation, Point, Settled
from console.view.styled import plain, width
from console.view.triage import advice_rows, point_rows, step_rows, verdict_words, walk_lines
from console.view.triage_evidence import difference, evidence_row, evidence_rows, figure
from tests.parts.plans import HOSTILE
from tests.parts.walks import BOOK, P99, PAGE, RECOVERY, finding, overruled, walk, walked

FLEET = Fleet(targets=(Target("triton-0", "http://triton-0:8000", "http://triton-0:8002/metrics"),))


def text(of, cells=80):
    return "\n".join(plain(line).rstrip() for line in walk_lines(of, FLEET, cells))


def test_it_reads_top_to_bottom():
    said = text(walk())
    places = [
        said.index(words)
        for words in (
            "✗ ROLLOUT  ranker, 90 % sure",
            "the load of version 7 came 40 s before",
            "1 ● yes     Does the model break its promise?",
            "183.4 msˢ",
            "▶2 ● yes     Was there a recent rollout",
            "→ set gpu.dcgm in the fleet's settings",
            "✓ no      Queue time and pending requests – queue 1.2 ms, as before",
            'nv_inference_request_summary_us{model="ranker",quantile="0.99"}',
            "1 Roll back ranker to version 6",
            "triton-console rollback --model ranker --to-version 6 http://triton-0:8000",
            "kubectl edit deployment/triton",
            "RECOVERY",
        )
    ]
    assert places == sorted(places)
    assert said.count("EVIDENCE") == 1


def test_evidence_is_now_baseline_and_difference_with_the_basis_and_the_source():
    row = evidence_row(P99)
    assert (row.now, row.baseline, row.difference) == ("183.4 msˢ", "38.2 ms", "+145.2 ms")
    assert row.what == "p99, ranker/7"
    assert evidence_row(P99._replace(subject="")).what == "p99"
    assert (row.basis, row.source, row.age) == ("summary", "metrics of triton-0", "0.8s")


def test_what_is_unknown_is_never_a_number():
    row = evidence_row(P99._replace(now=None, unit="ms"))
    assert row.now == "unknown"
    assert row.difference == ""
    row = evidence_row(P99._replace(now=float("nan"), baseline=float("inf"), age_s=float("nan")))
    assert (row.now, row.baseline, row.difference, row.age) == ("unknown", "unknown", "", "")


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (None, "ms", "unknown"),
        (0.0, "ms", "0.0 ms"),
        (-3.2, "ms", "-3.20 ms"),
        (-0.001, "ms", ">-0.01 ms"),
        (2.0**31, "bytes", "2.0 GiB"),
        (-(2.0**31), "bytes", "-2.0 GiB"),
        (2048.0, "MiB", "2.0 GiB"),
        (0.253, "ratio", "25.3 %"),
        (25.3, "%", "25.3 %"),
        (412.0, "requests/s", "412.0 requests/s"),
        (14.4, "×", "14.4×"),
        (57.0, "", "57"),
        (57.5, "", "57.5"),
    ],
)
def test_figures_have_their_unit(value, unit, said):
    assert figure(value, unit) == said


@pytest.mark.parametrize(
    ("answer", "unit", "said"),
    [
        (Answer.NO, "", "no"),
        (Answer.YES, "", "yes"),
        (Answer.UNKNOWN, "", "unknown"),
        (Answer.NO, "ms", "unknown"),
    ],
)
def test_what_is_no_figure_says_its_answer_and_a_figure_that_is_unknown_does_not(answer, unit, said):
    assert evidence_row(Evidence("c", answer, "deploy lock", unit=unit)).now == said


@pytest.mark.parametrize(
    ("now", "before", "unit", "said"),
    [
        (3.0, 3.0, "ms", "0.0 ms"),
        (0.5, 0.2, "ratio", "+30.0 pt"),
        (0.2, 0.5, "ratio", "-30.0 pt"),
        (1.0, 3.0, "", "-2"),
        (None, 3.0, "ms", ""),
    ],
)
def test_a_difference_has_its_sign_and_shares_differ_in_points(now, before, unit, said):
    assert difference(Evidence("c", Answer.YES, "x", now=now, baseline=before, unit=unit)) == said


def test_what_happened_at_a_moment_shows_that_moment():
    assert evidence_row(Evidence("c", Answer.YES, "load", at=1_760_000_000.0)).now == "08:53:20Z"
    assert evidence_row(Evidence("c", Answer.YES, "load", at=1e300)).now == "unknown"


def test_how_the_baseline_is_known_stands_with_the_source():
    row = evidence_row(P99._replace(basis="summary, baseline median of 600 s before"))
    assert (row.now, row.basis, row.about) == ("183.4 msˢ", "summary", "baseline median of 600 s before")
    of = walk(path=(walked(PAGE, Answer.YES, finding(evidence=(row.evidence,))),))
    assert "1 metrics of triton-0 (summary, baseline median of 600 s before): nv_inference" in text(of, 160)


def test_figures_of_one_source_have_its_number_and_it_stands_there_once_and_in_full():
    long = P99._replace(query="x + " * 100 + "the end")
    p50 = long._replace(what="p50", now=30.0)
    of = walk(path=(walked(PAGE, Answer.YES, finding(evidence=(long, p50, P99))),))
    said = text(of)
    rows = [line.split()[-1] for line in said.splitlines() if "● p" in line]
    assert rows == ["1", "1", "2"]
    assert said.count("the end") == 1


def test_whose_a_figure_is_goes_without_saying_where_it_is_the_models():
    said = [
        evidence_row(P99._replace(subject=name), "ranker").what for name in ("ranker", "ranker on a", "GPU 0")
    ]
    assert said == ["p99", "p99 on a", "p99, GPU 0"]


def test_a_figure_without_a_source_has_no_number():
    bare = Evidence("c", Answer.YES, "load", now=1.0, age_s=2.0, basis="gauge")
    said = text(walk(path=(walked(PAGE, Answer.YES, finding(evidence=(bare,))),)))
    assert "SOURCES" not in said
    assert next(line for line in said.splitlines() if "● load" in line).endswith("2.0s")


def test_steps_that_were_not_asked_are_listed_after_those_that_were():
    rows = step_rows(walk())
    assert [(row.number, row.id, row.answer) for row in rows] == [
        (1, "page", "yes"),
        (2, "change", "yes"),
        (3, "queue", "–"),
    ]
    assert [row.decides for row in rows] == [False, True, False]
    assert rows[2].walked is None


def test_an_overruled_step_says_who_when_why_and_what_the_console_says():
    step = walked(PAGE, Answer.NO, found=Answer.YES, reason="ana: known and accepted", overruled=overruled())
    said = text(walk("none", path=(step,), advice=(), onset=None, story=""), 120)
    assert said.count("known and accepted") == 1
    assert "1 ○ no      Does the model break its promise?" in said
    assert "overruled by ana at 08:53:20Z: known and accepted (the console says yes)" in said


def test_the_verdict_is_said_in_words():
    assert verdict_words(walk("traffic_shift")) == "TRAFFIC SHIFT  ranker, 90 % sure"
    assert verdict_words(walk("none")).startswith("NONE  ranker: nothing")
    assert verdict_words(walk("unknown")).startswith("UNKNOWN  ranker: something is wrong")


def test_not_knowing_whether_anything_is_wrong_is_not_called_wrong():
    of = walk("unknown", path=(walked(PAGE, Answer.UNKNOWN), walked(PAGE, Answer.UNKNOWN)))
    assert verdict_words(of) == "UNKNOWN  ranker: not even whether anything is wrong"


def test_each_verdict_has_a_sign_of_its_own():
    signs = [text(walk(verdict))[0] for verdict in ("rollout", "none", "unknown")]
    assert signs == ["✗", "✓", "?"]


def test_an_onset_without_a_story_is_said():
    assert "began 08:51:00Z" in text(walk(story=""))


def test_the_points_tell_trouble_from_what_is_fine_and_what_nobody_knows():
    points = (*walk().points, Settled(Point("x", "network"), Answer.YES, ""))
    rows = point_rows(walk(points=points))
    assert [(row.sign.text, row.answer) for row in rows] == [("✓", "no"), ("?", "unknown"), ("▲", "yes")]


def test_advice_has_a_key_and_the_command_of_this_fleet():
    rows = advice_rows(walk(), FLEET)
    assert [row.key for row in rows] == ["a", "b"]
    assert rows[0].action == Action(ActionKind.ROLLBACK, model="ranker", version="6")
    assert rows[0].command.startswith(
        "triton-console rollback --model ranker --to-version 6 http://triton-0:8000"
    )
    assert rows[1].command == "kubectl edit deployment/triton"


def test_without_advice_points_or_recovery_there_are_no_headings_of_them():
    said = text(walk("none", advice=(), points=(), recovery=None))
    for title in ("RECOMMENDED", "ALSO LOOKED AT", "RECOVERY", "PROBLEMS"):
        assert title not in said


def test_what_stood_in_the_way_is_said():
    said = text(walk(problems=("prometheus http://p:9090 does not answer",)))
    assert "! prometheus http://p:9090 does not answer" in said


def test_many_problems_do_not_bury_the_verdict():
    said = text(walk(problems=tuple(f"file {n} is odd" for n in range(200))))
    assert "! file 4 is odd" in said
    assert "file 5" not in said
    assert "… and 195 more" in said


@pytest.mark.parametrize("cells", [20, 40, 80, 120])
def test_no_line_is_wider_than_asked_but_for_a_command(cells):
    long = walk(story=HOSTILE * 9, problems=(HOSTILE * 20,))
    commands = {row.command for row in advice_rows(long, FLEET)}
    lines = [plain(line) for line in walk_lines(long, FLEET, cells)]
    assert max(width(line) for line in lines if line.strip() not in commands) <= cells


def test_no_text_of_a_server_can_act_on_the_terminal():
    hostile = Evidence(
        HOSTILE, Answer.YES, HOSTILE, HOSTILE, 1.0, None, HOSTILE, HOSTILE, HOSTILE, 1.0, HOSTILE, HOSTILE
    )
    step = walked(
        replace(PAGE, question=HOSTILE),
        Answer.YES,
        finding(evidence=(hostile,)),
        reason=HOSTILE,
        overruled=overruled(note=HOSTILE, who=HOSTILE),
    )
    advice = Advice(Mitigation("x", HOSTILE, HOSTILE, ()), None, HOSTILE, HOSTILE, HOSTILE)
    of = walk(
        HOSTILE,
        model=HOSTILE,
        path=(step,),
        advice=(advice,),
        story=HOSTILE,
        points=(Settled(Point("x", HOSTILE), Answer.YES, HOSTILE),),
        runbook=replace(BOOK, id=HOSTILE, title=HOSTILE),
        recovery=walked(RECOVERY, Answer.NO, reason=HOSTILE),
        problems=(HOSTILE,),
    )
    said = text(of).replace("\n", "")
    assert not [char for char in said if unicodedata.category(char) in ("Cc", "Cf")]


def test_evidence_rows_follow_the_order_of_the_checks():
    rows = evidence_rows(walk().path[1])
    assert [row.what for row in rows] == ["load of version 7, ranker/7", "SM activity, GPU 0"]
