import json

from console.domain.gate import Check, Gate, Limits, Outcome, Side, Terms
from console.view.charts import Stretch
from console.view.gate import gate_lines, why_lines
from console.view.gate_json import gate_object
from console.view.gate_panels import gate_panels
from console.view.shell import gate_command
from console.view.styled import plain, width
from tests.snapshots import HOSTILE_NAMES, NOW, fleet, snapshot

CHECKS = (
    Check("p99", Outcome.FAIL, "too slow", 20.0, 60.0, 22.0, "ms", "summary", 1500),
    Check("errors", Outcome.PASS, "no more than chance", 0.0, 0.012, 0.013, "ratio", "counter", 1500),
    Check("gpu_memory", Outcome.UNKNOWN, "nothing tells", unit="bytes", needed=False),
    Check("correctness", Outcome.UNKNOWN, "it is decoupled"),
)


def gate(*checks: Check, model: str = "ranker", **changes: object) -> Gate:
    sides = {"baseline": Side("6", ("a", "b")), "candidate": Side("7", ("canary",), whole=False)}
    values = {"limits": Limits(), "at": NOW, "seconds": 30.0, "checks": checks or CHECKS, **sides, **changes}
    return Gate(model=model, **values)


def text(found: Gate, cells: int = 120) -> str:
    return "\n".join(plain(line) for line in gate_lines(found, cells))


def test_the_verdict_comes_first_and_every_check_says_why():
    lines = text(gate(notes=("sent 9 inferences",))).splitlines()
    assert lines[0] == "✗ FAIL  ranker  7@canary against 6  over 30s, 1 failed, 2 unknown, 1 passed"
    assert lines[1].split() == ["baseline", "version", "6", "on", "a,", "b"]
    rows = {line.split()[1]: line for line in lines if line.startswith(("  ✗", "  ✓", "  ?"))}
    assert rows["p99"].split()[2:] == ["20.0", "ms", "60.0", "ms", "22.0", "ms", "1,500", "summary"]
    assert rows["errors"].split()[2:8] == ["0", "%", "1.20", "%", "1.30", "%"]
    assert "—" in rows["gpu_memory"]
    assert "    not needed: nothing tells" in lines
    assert "    it is decoupled" in lines
    assert all(check.why in text(gate()) for check in CHECKS)
    assert lines[-1] == "· sent 9 inferences"


def test_the_limits_of_a_contract_are_told_from_the_gates_own():
    limits = Limits(p99_ratio=1.3, min_requests=50)
    terms = Terms(("p99_ratio", "min_requests"), ("ranker.toml:3: odd", "ranker.toml:4: odd"))
    found = gate(limits=limits, terms=terms)
    assert "  contract   sets p99-ratio 1.3, min-requests 50" in text(found)
    assert "  contract   not all is understood: ranker.toml:3: odd, and 1 more" in text(found)
    assert gate_object(found)["contract"] == {"limits": [*terms.limits], "problems": [*terms.problems]}
    assert "contract" not in text(gate())


def test_each_verdict_has_a_word_and_a_sign():
    passed, unknown = CHECKS[1], CHECKS[3]
    assert text(gate(passed)).startswith("✓ PASS")
    assert text(gate(passed, unknown)).startswith("? NOT ENOUGH DATA")


def test_it_fits_and_hostile_names_stay_text():
    for name in HOSTILE_NAMES:
        side = Side(name, (name,), whole=False)
        found = gate(Check("p99", Outcome.UNKNOWN, name), model=name, baseline=side, notes=(name,))
        lines = gate_lines(found, 80)
        assert all(width(plain(line)) <= 80 for line in lines)
        assert all(plain(line).isprintable() for line in lines)
        assert all(plain(line).isprintable() for line in why_lines(found.checks[0], 40))


def test_the_object_has_null_for_what_is_not_known():
    found = gate_object(gate(*CHECKS, Check("queue", Outcome.PASS, "", float("inf"), 1.0)))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["verdict"], found["candidate"], found["seconds"]) == ("fail", "7@canary", 30.0)
    memory, queue = found["checks"][2], found["checks"][4]
    assert (memory["baseline"], memory["limit"], memory["basis"], memory["n"]) == (None, None, None, None)
    assert queue["baseline"] is None
    assert found["targets"] == {"baseline": ["a", "b"], "candidate": ["canary"]}


def test_both_sides_are_drawn_against_each_other():
    slow, queue = gate_panels(snapshot(), gate(), Stretch(NOW, 300.0, 1.0))
    assert [line.label for line in slow.chart.series] == ["candidate 7@canary", "baseline 6"]
    assert [plain(line) for line in slow.facts] == ["baseline 20.0ˢ  candidate 60.0ˢ"]
    assert plain(queue.title) == "queue ms"


def test_the_command_can_be_pasted_into_a_shell():
    said = gate_command(fleet("a"), "-odd name", "6", "7@b c")
    assert said.startswith(
        "triton-console --fleet prod gate --baseline 6 --candidate '7@b c' -- '-odd name' "
    )
