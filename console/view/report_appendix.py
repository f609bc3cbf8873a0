"""What the facts stand on: promises, targets, what served before and after, the known-good release, the recording."""

from collections.abc import Iterator, Mapping

from console.domain.fleet import Objective
from console.domain.report import Facts, Served, Stretch, Versions
from console.view import format as write
from console.view.markdown import bullets, name, table, text
from console.view.report_words import UNKNOWN, plural, quantile, span, stamp

_MOST = 60
_DIGEST = 16


def appendix(facts: Facts) -> list[str]:
    """The section's lines."""
    parts = (
        ("Objectives in force", _objectives(facts)),
        ("Targets", _targets(facts)),
        ("What served", _served(facts)),
        ("Known-good release", _releases(facts)),
        ("Recording", _recording(facts)),
    )
    lines: list[str] = []
    for title, said in parts:
        lines += [f"### {title}", "", *said, ""]
    return lines[:-1]


def _objectives(facts: Facts) -> list[str]:
    found: dict[Objective, list[str]] = {}
    for each in facts.impacts:
        found.setdefault(each.objective, []).append(each.model)
    if not found:
        found = {facts.fleet.default_objective: []}
    titles = ("LATENCY", "ANSWERED", "PERIOD", "MODELS")
    return table(titles, (_objective(aim, models) for aim, models in found.items()))


def _objective(aim: Objective, models: list[str]) -> tuple[str, ...]:
    more = f" and {len(models) - 20} more" if len(models) > 20 else ""
    return (
        f"{quantile(aim.quantile)} within {write.threshold(aim.latency_ms)} ms",
        f"{write.threshold(aim.availability * 100)} %",
        f"{write.threshold(aim.period_days)} days",
        (", ".join(map(name, models[:20])) + more) or "every model",
    )


def _targets(facts: Facts) -> list[str]:
    if not facts.targets:
        return ["None is known."]
    rows = (
        (
            name(each.name),
            name(each.url),
            {True: "yes", False: "**no**", None: UNKNOWN}[each.up],
            text(each.server, 40) or UNKNOWN,
            text(each.mode, 40) or UNKNOWN,
        )
        for each in facts.targets[:_MOST]
    )
    lines = table(("TARGET", "URL", "ANSWERED AT THE END", "TRITON", "MODEL CONTROL"), rows)
    more = len(facts.targets) - _MOST
    return [*lines, "", f"{plural(more, 'more target')}."] if more > 0 else lines


def _served(facts: Facts) -> list[str]:
    if not facts.served:
        return ["Unknown: nothing was recorded."]
    changed = [each for each in facts.served if each.changed]
    same = [each for each in facts.served if not each.changed]
    lines: list[str] = []
    if changed:
        titles = ("MODEL", "VERSIONS BEFORE", "AFTER", "CONFIG BEFORE", "AFTER")
        lines += table(titles, map(_change, changed[:_MOST]))
    if same:
        each_of = ", ".join(f"{name(each.model)} {_ready(each.after)}" for each in same[:20])
        more = f" and {len(same) - 20} more" if len(same) > 20 else ""
        lines += ["", f"The same at both ends of the window: {each_of}{more}."]
    return lines[1:] if lines and not lines[0] else lines


def _change(each: Served) -> tuple[str, ...]:
    before, after = each.before, each.after
    return (name(each.model), _ready(before), _ready(after), _config(before), _config(after))


def _ready(versions: Versions | None) -> str:
    if versions is None:
        return "not seen"
    return _on(versions.ready) or "none ready"


def _config(versions: Versions | None) -> str:
    return UNKNOWN if versions is None or not versions.config else _on(versions.config, _DIGEST)


def _on(found: Mapping[str, int], cells: int = 48) -> str:
    """What on how many targets."""
    return ", ".join(f"{name(each, cells)} on {number}" for each, number in sorted(found.items())[:8])


def _releases(facts: Facts) -> list[str]:
    if not facts.releases:
        return ["None was marked before the window ended: `triton-console good` marks what serves now."]
    lines = []
    for release in facts.releases:
        models = ", ".join(
            f"{name(model.model)} {'/'.join(text(version, 20) for version in model.versions) or 'none'}"
            for model in release.models[:20]
        )
        note = f": {text(release.note)}" if release.note else ""
        lines.append(f"{name(release.id)} of {stamp(release.at)}, by {text(release.who, 60)}{note}; {models}")
    return bullets(lines)


def _recording(facts: Facts) -> list[str]:
    return bullets(_tape(facts))


def _tape(facts: Facts) -> Iterator[str]:
    tape = facts.tape
    if tape is None:
        yield "None: the flight recorder was off, or its files are gone."
        return
    yield f"{name(tape.path, 120)}: {span(Stretch(tape.since, tape.until))}, of {plural(tape.sessions, 'run')} of the console"
    if tape.consoles:
        yield f"Made by version {', '.join(text(each, 40) for each in tape.consoles[:5])}."
    yield "Timecodes count from its start."
    yield from (f"Not recorded: {span(gap)}, {text(gap.why)}." for gap in tape.gaps)
    yield from (f"Damage: {text(problem)}." for problem in tape.problems)
