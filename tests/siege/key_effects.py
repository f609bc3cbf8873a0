"""What each command's key does, as far as it can be seen: one plain table, to which every new command is added."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.siege.keyboard import Facts

# What the table draws, and what has the keys, follows from the rest.
FREE = frozenset({"body", "focus"})
LEFT = "the console would be left now"


class Effect(NamedTuple):
    """Which facts may be others, and what must hold of the facts before and after."""

    may: frozenset[str]
    holds: Callable[[Facts, Facts], bool]


def page(name: str) -> Effect:
    """That page is in sight."""
    return Effect(frozenset({"page"}), lambda _, now: now.page == name and not now.over)


def over(name: str) -> Effect:
    """That screen lies over the page."""
    return Effect(frozenset({"over"}), lambda _, now: now.over == name)


def says(part: str) -> Effect:
    """A toast has these words."""
    return Effect(frozenset({"toasts"}), lambda _, now: any(part in toast for toast in now.toasts))


def other(*names: str, also: tuple[str, ...] = ()) -> Effect:
    """These facts are others than before."""
    wanted = frozenset(names)
    return Effect(wanted | set(also), lambda before, now: wanted <= now.since(before))


STAYS = Effect(frozenset(), lambda before, now: now.page == before.page and not now.over)
PLAN = over("PlanScreen")
FOCUS = other("focus")
DRAWS = other("body")
COPIES = other("clipboard", "toasts")
MOVES = other("asked")

# By command, or by ``command@page`` where a page has its own way.
EFFECTS: Mapping[str, Effect] = {
    "play": MOVES,
    "step_back": MOVES,
    "step_on": MOVES,
    "mark_back": MOVES,
    "mark_on": MOVES,
    "faster": MOVES,
    "slower": MOVES,
    "seek": over("SeekScreen"),
    "no_note": says("a recording is not written to"),
    "open": page("model"),
    "open@triage": STAYS,
    "open@journal": STAYS,
    "open@alerts": Effect(frozenset({"page", "markers"}), lambda _, now: now.page == "triage"),
    "compare": STAYS,
    "baseline": over("PickScreen"),
    "candidate": over("PickScreen"),
    "connect": STAYS,
    "scope": DRAWS,
    "advice_a": PLAN,
    # The second advice of the scene is a command to be typed.
    "advice_b": COPIES,
    "advice_c": STAYS,
    "advice_d": STAYS,
    "advice_e": STAYS,
    "overrule": over("OverruleScreen"),
    "trust": STAYS,
    "runbook": over("PickScreen"),
    "silence": over("WriteScreen"),
    "unsilence": STAYS,
    "filter": FOCUS,
    "search": FOCUS,
    "journal": page("journal"),
    "timeline": page("timeline"),
    "triage": Effect(frozenset({"page", "markers"}), lambda _, now: now.page == "triage"),
    "leave": page("models"),
    "freeze": PLAN,
    "reduce": PLAN,
    "rollback": PLAN,
    "undo": PLAN,
    "help": over("HelpScreen"),
    "quit": says(LEFT),
    "back": page("models"),
    "models": page("models"),
    "model": page("model"),
    "gpus": page("gpus"),
    "incident": page("timeline"),
    "incident@journal": page("journal"),
    "alerts": page("alerts"),
    "fleet": page("fleet"),
    # The scene is of a console with one fleet.
    "fleets": STAYS,
    "gate": page("gate"),
    "sort": DRAWS,
    "reverse": DRAWS,
    "doing": says("no plan has been run"),
    "good": over("GoodScreen"),
    "pause": other("paused"),
    "note": over("WriteScreen"),
    "declare": other("incident", "toasts"),
    "close_incident": says("no incident is open"),
    "copy": COPIES,
    "copy_query": Effect(COPIES.may, lambda _, __: True),
    "stretch": other("stretch"),
    "theme": other("theme"),
    "palette": over("Finder"),
}


def effect(command: str, where: str) -> Effect:
    """What the command does on a page; KeyError where nobody has said it."""
    return EFFECTS.get(f"{command}@{where}") or EFFECTS[command]
