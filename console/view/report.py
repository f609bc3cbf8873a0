"""The facts of a post-mortem as Markdown: usable as it stands, and nothing in it that nobody measured."""

import shlex
from collections.abc import Iterator

from console.domain.report import Facts
from console.view.markdown import bullets, code, name, text
from console.view.report_actions import actions
from console.view.report_appendix import appendix
from console.view.report_evidence import evidence
from console.view.report_impact import impact
from console.view.report_questions import questions
from console.view.report_summary import summary
from console.view.report_timeline import timeline
from console.view.report_words import moment, plural, span, stamp, timecode

_TARGETS = 6


def report(facts: Facts) -> list[str]:
    """The whole report in lines."""
    sections = (
        # A sentence a line: one paragraph when it is shown, and easy to take apart.
        ("Summary", summary(facts)),
        ("Impact", impact(facts)),
        ("Timeline", timeline(facts)),
        ("Evidence", evidence(facts)),
        ("Actions and their effects", actions(facts)),
        ("Open questions", questions(facts)),
        ("Appendix", appendix(facts)),
    )
    lines = [f"# {_title(facts)}", "", *bullets(_head(facts))]
    for title, said in sections:
        while lines and not lines[-1]:
            lines.pop()
        lines += ["", f"## {title}", "", *said]
    return lines


def _title(facts: Facts) -> str:
    incident = facts.incident
    if incident is None:
        return f"Report of {text(facts.fleet.name, 80)}, {stamp(facts.window.since)}"
    why = f": {text(incident.why, 200)}" if incident.why else ""
    return f"Incident {text(incident.id, 40)}{why}"


def _head(facts: Facts) -> Iterator[str]:
    about = f", {text(facts.window.why)}" if facts.window.why else ""
    yield f"**Window:** {span(facts.window)}{about}"
    names = ", ".join(name(target.name) for target in facts.targets[:_TARGETS])
    more = ", …" if len(facts.targets) > _TARGETS else ""
    yield f"**Fleet:** {name(facts.fleet.name)}, {plural(len(facts.targets), 'target')} ({names}{more})"
    yield from _incident(facts)
    if facts.tape is None:
        yield "**Recording:** none"
    else:
        yield f"**Recording:** {name(facts.tape.path, 120)}; timecodes (+HH:MM:SS) count from its start"
        yield f"**Replay:** {code(_replay(facts), 500)}"
    by = f"triton-console {text(facts.console, 40)}" if facts.console else "triton-console"
    yield f"**Written:** {stamp(facts.written)} by {by}; all times are UTC"


def _incident(facts: Facts) -> Iterator[str]:
    incident = facts.incident
    if incident is None:
        return
    frozen = f", by the freeze {name(incident.plan)}" if incident.plan else ""
    opened = f"opened {moment(facts, incident.opened)} by {text(incident.by, 80)}{frozen}"
    if incident.closed is None:
        yield f"**Incident:** {opened}; still open"
    else:
        yield f"**Incident:** {opened}; closed {moment(facts, incident.closed)} by {text(incident.closed_by, 80)}"


def _replay(facts: Facts) -> str:
    """The command that shows it, from where it began to show."""
    tape = facts.tape
    if tape is None:
        return ""
    firsts = [impact.first for impact in facts.impacts if impact.first is not None]
    at = min([span.since for span in facts.alerts] + firsts, default=facts.window.since)
    at = min(max(at, tape.since), tape.until)
    return f"triton-console replay {shlex.quote(tape.path)} --at {timecode(facts, at)}"
