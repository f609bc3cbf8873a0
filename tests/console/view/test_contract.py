"""A contract beside its model, in the incident, the alert, the report and status."""

from dataclasses import replace

from console.domain.contract import Clause, Contract, ContractReading, Escalation, Held
from console.domain.incident import Incident
from console.domain.redaction import Redaction
from console.domain.triton import State
from console.view.alerts import alert_detail
from console.view.contract import contract_lines
from console.view.incident import incident_lines
from console.view.model import sections
from console.view.report import report
from console.view.report_json import facts_object
from console.view.status import status
from console.view.styled import plain
from tests.parts.contracts import WHOLE, read
from tests.parts.reports import facts, impact
from tests.snapshots import HOSTILE_NAMES, NOW, alert, model_row, snapshot

CLAUSES = (
    Clause("contract.backend", passed=True, detail="onnxruntime"),
    Clause("contract.io", passed=False, detail="contract says FP32, server says FP16"),
    Clause("contract.rollout", passed=None, detail="set repository"),
)
HELD = Held(read(WHOLE), CLAUSES)
CALL = "owner ml-ranking; call ana@example.com, then ranking-oncall@example.com, #ranking-oncall"


def lines(held: Held = HELD) -> list[str]:
    return [plain(line) for line in contract_lines(held, model_row())]


def test_whose_it_is_and_what_is_broken_stand_before_what_holds() -> None:
    assert lines() == [
        "owner    ml-ranking",
        "call     ana@example.com, then ranking-oncall@example.com, #ranking-oncall, https://wiki.example.com/ranker (24x7)",
        "labels   tier=1, service=search",
        "rollout  canary, 5 % first, gate p99_ratio=1.1 errors_over=0.001 min_requests=200",
        "✗ io           contract says FP32, server says FP16",
        "✗ performance  contract says p99 within 50 ms, it is 120 ms (summary)",
        "? rollout      set repository",
        "✓ backend      onnxruntime",
        "? health, files, GPU memory, CPU: only verify tells",
    ]


def test_a_contract_that_says_nothing_shows_nothing() -> None:
    assert lines(Held(Contract("ranker"))) == []


def test_it_is_a_section_of_the_model_screen() -> None:
    shot = snapshot(contracts={"ranker": HELD})
    titles = [section.title for section in sections(shot, model_row())]
    assert "Contract" in titles
    assert "Contract" not in [section.title for section in sections(snapshot(), model_row())]


def test_the_open_incident_says_whom_to_call_for_the_models_that_alerts_are_about() -> None:
    incident = Incident("1009-abc", NOW - 60, "ana")
    named = (alert(model="ranker"), alert("ranker/6", model="ranker"), alert("embed/1", model="embed"))
    shot = snapshot(alerts=named, incident=incident, contracts={"ranker": HELD})

    first, *others = map(plain, incident_lines(shot, NOW))
    assert first.startswith("◉ incident 1009-abc")
    assert others == [f"  ranker  {CALL}, https://wiki.example.com/ranker (24x7)"]
    assert len(incident_lines(replace(shot, contracts={}), NOW)) == 1
    assert incident_lines(replace(shot, incident=None), NOW) == ()


def test_of_many_models_a_few_are_told_and_the_others_counted() -> None:
    names = [f"m{n}" for n in range(5)]
    shot = snapshot(
        alerts=tuple(alert(name, model=name) for name in names),
        incident=Incident("1009-abc", NOW - 60, "ana"),
        contracts={name: Held(read("owner = 'a'", name)) for name in names},
    )
    told = [plain(line) for line in incident_lines(shot, NOW)]
    assert told[1:] == ["  m0  owner a", "  m1  owner a", "  m2  owner a", "  … and 2 more models"]


def test_an_alert_says_whom_to_call() -> None:
    shot = snapshot(contracts={"ranker": HELD})
    told = " ".join(plain(line).strip() for line in alert_detail(alert(model="ranker"), shot, 200))
    assert CALL in told
    assert "owner" not in " ".join(plain(line) for line in alert_detail(alert(model="embed"), shot, 200))


def test_status_has_the_owner_and_null_without_one() -> None:
    rows = (model_row(), model_row("embed"))
    found = status(snapshot(rows, contracts={"ranker": HELD}))
    assert [model["owner"] for model in found["models"]] == ["ml-ranking", None]


def test_a_report_says_whose_the_harmed_models_are_and_whom_to_call() -> None:
    told = facts(impacts=(impact("ranker"),), contracts={"ranker": HELD.contract})
    said = "\n".join(report(told))
    assert "The contract of `ranker` says: owner ml-ranking; call ana@example.com" in said
    assert "The contract of" not in "\n".join(report(facts(impacts=(impact("ranker"),))))
    assert facts_object(told)["owners"] == [
        {
            "model": "ranker",
            "owner": "ml-ranking",
            "primary": "ana@example.com",
            "secondary": "ranking-oncall@example.com",
            "slack": "#ranking-oncall",
            "url": "https://wiki.example.com/ranker",
            "hours": "24x7",
        }
    ]


def test_a_redacted_report_names_none_of_them() -> None:
    told = facts(impacts=(impact("ranker"),), contracts={"ranker": HELD.contract})
    redaction = Redaction.of(ContractReading((HELD.contract,)))
    said = "\n".join(report(redaction.value(told)))
    assert "The contract of `ranker` says: owner user-" in said
    assert not any(name in said for name in ("ana", "ranking-oncall", "ml-ranking", "example.com"))


def test_hostile_words_are_literal() -> None:
    for name in HOSTILE_NAMES:
        hostile = Contract(
            name,
            name,
            name,
            Escalation(name, name, name, name, name),
            {name: name},
            problems=(name,),
        )
        held = Held(hostile, (Clause("contract.io", passed=False, detail=name),))
        assert all(line.isprintable() for line in lines(held))
        shot = snapshot(
            (model_row(name, state=State.READY),),
            alerts=(alert(model=name),),
            incident=Incident("1009-abc", NOW, "ana"),
            contracts={name: held},
        )
        assert all(plain(line).isprintable() for line in incident_lines(shot, NOW))
