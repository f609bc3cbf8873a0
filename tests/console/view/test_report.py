"""A report as its reader sees it: every figure from the facts, every unknown said, nothing in a name acts."""

import re
from dataclasses import replace
from typing import Any

import pytest

from console.domain.drift import Drift
from console.domain.incident import Incident
from console.domain.lock import Lock
from console.domain.marker import Marker, MarkerKind
from console.domain.redaction import Redaction
from console.domain.report import Budget, Counted, Done, Facts, Remains, Reset, Stretch
from console.domain.run import Result
from console.view.report import report
from console.view.report_json import facts_object
from tests.parts import plans
from tests.parts.reports import AT, UNTIL, facts, impact


def text(of: Facts) -> str:
    return "\n".join(report(of))


def section(of: Facts, title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text(of), re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_sections_come_in_the_order_that_they_are_read_in() -> None:
    assert re.findall("^## (.*)$", text(facts()), re.MULTILINE) == [
        "Summary",
        "Impact",
        "Timeline",
        "Evidence",
        "Actions and their effects",
        "Open questions",
        "Appendix",
    ]


def test_the_head_says_what_it_is_about_and_how_to_see_it_again() -> None:
    head = text(facts()).partition("## Summary")[0]

    assert head.startswith("# Incident 0301-k3f: p99 of ranker\n")
    assert "2025-03-01 10:11:07Z to 10:51:07Z (40 min 00 s)" in head
    assert "opened 10:41:07Z (+00:30:04) by ana@bastion, by the freeze `fr33ze`" in head
    assert "`triton-console replay /state/incidents/0301-k3f.tcinc --at +00:27:54`" in head


def test_the_summary_tells_what_broke_since_when_why_what_was_done_and_how_long_it_took() -> None:
    said = section(facts(), "Summary")

    assert "`ranker` broke its promise (p99 within 50 ms, 99.9 % answered) for 5 min 10 s in all" in said
    assert "its p99 was 183.4 ms at worst (summary, `ranker/7 on triton-0`)" in said
    assert "1,204 of 241,204 requests failed (0.50 %)" in said
    assert "names **rollout** as the cause for `ranker`, 90 % sure (as answered at the time" in said
    assert "ana at 10:42:07Z (+00:31:04), roll back multi to version 2 on 2 targets" in said
    assert "from the page to the first change 2 min 30 s" in said
    assert "kept the promise again 2 min 00 s at most" in said


def test_a_calm_window_says_so_and_claims_no_more_than_was_seen() -> None:
    calm = facts(impacts=(impact(broken_s=0.0, counted=Counted(1_000.0)),), alerts=(), answers=(), done=())

    assert "No model was seen to break its promise in the window: 1,000 requests were served" in section(
        calm, "Summary"
    )
    assert "It took" not in section(calm, "Summary")
    assert "No alert fired in the window." in section(calm, "Impact")


def test_what_is_not_known_is_unknown_and_says_what_would_tell() -> None:
    hint = "its servers export none: start Triton with --metrics-config summary_latencies=true"
    blind = impact(p99=None, percentile=None, unknown_p99=hint, counted=Counted(500.0), budget=Budget())

    said = section(facts(impacts=(blind,)), "Impact")

    row = next(line for line in said.splitlines() if line.startswith("| `ranker`"))
    assert [cell.strip() for cell in row.split("|")[2:-1]] == [
        "500",
        "0",
        "unknown",
        "unknown",
        "unknown",
        "unknown",
        "5 min 10 s",
    ]
    assert "Slower than 50 ms: unknown; its servers export none: start Triton with" in said
    assert hint.partition(": ")[2] in section(facts(impacts=(blind,)), "Open questions")
    assert facts_object(facts(impacts=(blind,)))["models"][0]["slow"] is None


def test_a_model_without_any_counter_has_no_zero() -> None:
    said = text(facts(impacts=(impact(counted=None, budget=Budget()),)))

    assert "how many requests failed is unknown" in said
    assert "| unknown | unknown |" in re.sub(" +", " ", said)


def test_what_prometheus_counted_is_not_called_a_difference_of_counters() -> None:
    seen = facts()
    through = replace(seen, fleet=replace(seen.fleet, through_prometheus=True))

    assert "differences of Triton's counters" in section(seen, "Impact")
    assert "added up from Prometheus's rates" in section(through, "Impact")


def test_resets_make_the_sums_the_least_there_were() -> None:
    resets = tuple(Reset("ranker/7", f"triton-{n}", AT + n) for n in range(6))
    said = text(facts(impacts=(impact(counted=Counted(100.0, {"BACKEND": 2.0}, resets)),)))

    assert "at least 2 of 102 requests failed" in said
    assert "began anew on `triton-0`, `triton-1`, `triton-2`, `triton-3` and 2 more, 10:41:07Z" in said
    assert said.count("began anew on") == 1


def test_budget_of_failed_requests_alone_is_the_least_of_it() -> None:
    said = section(facts(impacts=(impact(budget=Budget(0.02, None, "", latency=False)),)), "Impact")

    assert "Budget: ≥ 2.00 % of the error budget of 30 days; of failed requests alone" in said


def test_refusals_of_a_gateway_are_told_apart_from_tritons_counters() -> None:
    said = section(facts(), "Impact")

    assert "What a gateway refuses is in no counter of Triton" in said
    row = next(line for line in said.splitlines() if line.startswith("| haproxy"))
    assert [cell.strip() for cell in row.split("|")[1:-1]] == [
        "haproxy", "`ranker`", "`ranker`", "241,000", "300", "1,504", "12", "0",
    ]  # fmt: skip
    none = section(facts(gateways=()), "Impact")
    assert "unknown, since no gateway is watched" in none


def test_the_timeline_has_utc_timecodes_one_wave_and_the_gaps() -> None:
    tape = facts().tape
    assert tape is not None
    gap = Stretch(AT + 300, AT + 400, "no console recorded")
    said = section(facts(tape=tape._replace(gaps=(gap,))), "Timeline")

    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in said.splitlines()
        if line.startswith("| 10:")
    ]
    assert rows[0] == [
        "10:38:57Z",
        "+00:27:54",
        "load ×2",
        "`ranker/7`",
        "`triton-0`, `triton-1`",
        "ranker v7 READY",
    ]
    assert [row[2] for row in rows] == [
        "load ×2", "onset", "alert", "incident", "note", "triage", "action begun", "action", "gap",
        "incident",
    ]  # fmt: skip
    assert "no console recorded: nothing is known of 1 min 40 s, until 10:47:47Z" in rows[-2][5]
    assert rows[-1][5] == "closed by ana@bastion"


def test_evidence_shows_the_path_with_its_answers_and_each_figure_with_its_source() -> None:
    said = section(facts(), "Evidence")

    assert "as answered at the time, at 10:41:27Z (+00:30:24), 90 % sure" in said
    assert "The same was answered 2 more times" in said
    assert "| 1   | " in said
    assert re.search(r"\| p99[^|]*\| +183\.4 ms", said)
    assert "(set gpu.dcgm in the fleet's settings)" in said


def test_actions_show_who_why_the_call_the_outcome_and_the_measured_effect() -> None:
    said = section(facts(), "Actions and their effects")

    assert "By ana at 10:42:07Z (+00:31:04), plan `20250301-104107-ab12`." in said
    assert "Why: p99 left its band." in said
    assert "curl -sS http://triton-1:8000/v2/repository/models/multi/load" in said
    assert "more characters" in said
    assert "183.2 ms → 41.0 ms (summary)" in said
    assert "0.02 % → unknown" in said


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        ({"answers": ()}, "What was the cause for `ranker`?"),
        ({"impacts": (impact(within=False),)}, "`ranker` still broke its promise when the window ended"),
        ({"impacts": (impact(within=None),)}, "Did `ranker` recover?"),
        ({"tape": None}, "Let the flight recorder run"),
        (
            {"missing": ("window.tcrec: it was changed after it was written",)},
            "it was changed after it was written",
        ),
        ({"done": (Done(plans.entry(at=AT, effects=())),)}, "Its effect was not measured"),
        ({"done": (Done(plans.entry(at=AT, result=Result.RUNNING)),)}, "Its end is not written"),
        ({}, "Was the TensorRT engine truly restored by"),
        (
            {"remains": Remains(UNTIL, Lock("ana", "p99", AT, None, "fleet"))},
            "Deploys were still frozen at 10:51:07Z",
        ),
        (
            {"remains": Remains(UNTIL, None, (Drift("k3f9ab", "envoy", "weight of v2", 10, 100),))},
            "Who undid this? weight of v2 was 10, is 100",
        ),
        ({"done": (), "markers": ()}, "Did anybody see the page budget-burn of `ranker/7`?"),
        ({}, "set gpu.dcgm in the fleet's settings"),
    ],
)
def test_open_questions_come_from_the_facts(changes: dict[str, Any], question: str) -> None:
    assert question in section(facts(**changes), "Open questions")


def test_a_page_that_somebody_answered_is_no_question() -> None:
    assert "Did anybody see" not in section(facts(), "Open questions")


def test_a_lock_that_has_expired_is_none() -> None:
    expired = Remains(UNTIL, Lock("ana", "p99", AT, AT + 10, "fleet"))

    assert "frozen" not in section(facts(remains=expired), "Open questions")


def test_without_a_recording_the_people_are_told_and_no_figure_is() -> None:
    blind = facts(tape=None, impacts=(), gateways=(), alerts=(), answers=(), served=(), remains=Remains())
    said = text(blind)

    assert "**Recording:** none" in said
    assert "how many requests were served, failed or slow is unknown" in said
    assert "roll back multi to version 2" in section(blind, "Summary")
    assert "+00:" not in said


HOSTILE = "evil|`$(x)`<img src=x onerror=alert(1)>\n# h\x1b[31m\u202e[a](javascript:b)@all" * 3


def test_hostile_names_neither_act_nor_break_a_table() -> None:
    named = facts(
        impacts=(impact(HOSTILE), impact("x" * 10_000)),
        markers=(Marker(AT, MarkerKind.FAILURE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        missing=(HOSTILE,),
        done=(Done(plans.entry(at=AT, reason=HOSTILE, who=HOSTILE)),),
    )
    lines = report(named)

    assert not [line for line in lines if re.search(r"[\x00-\x1f\u202e]", line)]
    assert max(map(len, lines)) < 3000
    fenced = False
    for line in lines:
        fenced ^= line.strip().startswith("```")
        bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line) if not fenced else ""
        assert not re.search(r"(?<!\\)<|(?<!\\)\]\(", bare), line
    tables = re.findall(r"(?:^\|.*\|$\n?)+", "\n".join(lines), re.MULTILINE)
    assert len(tables) > 5
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}
        assert len(cells) == 1, table


def test_a_redacted_report_names_no_host_and_nobody() -> None:
    whole = facts()
    redaction = Redaction.of(whole.fleet, whole.incident, *(each.walk for each in whole.answers))
    for name in ("ana", "host-7"):
        redaction.learn(Incident("0301-k3f", AT, f"{name}@bastion"))

    said = text(redaction.value(whole))

    assert not re.search(r"\bana\b|bastion|triton-0\b", said)
    assert "`ranker`" in said
    assert "user-1" in said


def test_the_json_has_the_same_facts_and_null_for_the_unknown() -> None:
    found = facts_object(facts())

    assert found["window"]["since"] == "2025-03-01T10:11:07.000Z"
    assert found["incident"]["id"] == "0301-k3f"
    (ranker, _) = found["models"]
    assert ranker["failed"] == {"BACKEND": 1204, "CANCELED": 3}
    assert ranker["out_of_promise_s"] == {"all": 310, "slow": 300, "failing": 20, "down": 0, "of": 2400}
    assert found["timeline"][0]["timecode"] == "+00:27:54"
    assert found["triage"][0]["recorded"] is True
    assert found["actions"][0]["id"] == "20250301-104107-ab12"
    assert facts_object(facts(tape=None))["recording"] is None
