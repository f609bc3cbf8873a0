"""A whole report, kept as a file that people read: a rollout that was slow, and that somebody rolled back."""

import re
from dataclasses import replace
from pathlib import Path

from console.domain.action import Action, ActionKind
from console.domain.incident import Incident
from console.domain.marker import Marker, MarkerKind
from console.domain.plan import Blast
from console.domain.redaction import Redaction
from console.domain.report import Done, Facts, Stretch
from console.domain.run import Effect, Figures
from console.engine.inquest import Case, inquest
from console.storage.runbooks import load
from console.triage import checks
from console.triage.session import Triage
from console.view.report import report
from tests.parts import plans
from tests.parts.clock import HandClock
from tests.parts.taped import Taped

GOLDEN = Path(__file__).parents[2] / "recorded" / "report" / "bad-rollout.md"


class Anywhere(Redaction):
    """Servers stand on other ports each time."""

    def text(self, text: str) -> str:
        return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8000", text)


async def written() -> str:
    async with Taped("bad-rollout", unprobed=True) as taped:
        await taped.skip(55)
        began = taped.now
        await taped.watch(70)
        opened = taped.now
        taped.note(Marker(opened, MarkerKind.NOTE, "fleet", "ana: it began with v7, rolling back"))
        taped.load("ranker", "6")
        await taped.watch(15)
        ended = "roll ranker back to version 6: verified by ana@bastion (k3f9ab)"
        taped.note(Marker(taped.now, MarkerKind.ACTION, "ranker", ended, "ranker"))
        await taped.watch(150)
        recording = taped.recording
    incident = Incident(
        "1114-k3f", opened, "ana@bastion", "p99 of ranker", closed=recording.until, closed_by="ana@bastion"
    )
    case = Case(Stretch(began, recording.until), recording.until + 3600, "1.0.0", incident)
    triage = Triage(lambda: load("", checks.names()), None, HandClock())
    facts = await inquest(recording, case, triage.look)
    return "\n".join(report(_placed(facts, opened))) + "\n"


def _placed(facts: Facts, opened: float) -> Facts:
    """With a rollback, as the journal would tell it."""
    action = Action(
        ActionKind.ROLLBACK, model="ranker", version="6", reason="v7 is ten times slower", who="ana"
    )
    plan = plans.plan(
        action=action,
        goal="roll ranker back to version 6",
        blast=Blast(("ranker",)),
        parts=(),
        unknown=("how long a load of ranker takes",),
        id="k3f9ab",
    )
    was, now = Figures(136.8, "summary", 11.6, 0.0, 440.8), Figures(9.7, "summary", 1.9, 0.0, 437.0)
    run = plans.run(plan, effects=(Effect("ranker", 60.0, was, now),), measured=None)
    done = Done(plans.entry(run, at=opened, who="ana@bastion"), opened + 15)
    return Anywhere().value(replace(facts, done=(done,)))


async def test_the_report_of_a_bad_rollout_is_the_one_that_was_read_and_found_good(tmp_path: Path) -> None:
    said = await written()

    anew = tmp_path / GOLDEN.name
    anew.write_text(said, encoding="utf-8")
    assert said == GOLDEN.read_text(encoding="utf-8"), (
        f"the new one is {anew}: read it, then put it in its place"
    )
