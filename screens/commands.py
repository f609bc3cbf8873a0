"""Every command there is, in one table: it feeds the keys, the footer, the help and the palette."""

from typing import Literal, NamedTuple

Where = Literal["models", "model", "gpus", "triage", "timeline", "journal", "alerts", "gate", "fleet"]
EVERYWHERE: frozenset[Where] = frozenset(
    ("models", "model", "gpus", "triage", "timeline", "journal", "alerts", "gate", "fleet")
)
_FIGURES: frozenset[Where] = EVERYWHERE - {"journal"}
_CHARTS: frozenset[Where] = frozenset(("models", "model", "gpus", "gate"))
_TABLES: frozenset[Where] = frozenset(("models", "gpus", "alerts", "fleet"))
# Where it is plain to see which model is meant.
OF_A_MODEL: frozenset[Where] = frozenset(("models", "model", "triage", "gate"))
_TRIAGE: frozenset[Where] = frozenset(("triage",))
_ALERTS: frozenset[Where] = frozenset(("alerts",))
_TIMELINE: frozenset[Where] = frozenset(("timeline",))
_JOURNAL: frozenset[Where] = frozenset(("journal",))
_GATE: frozenset[Where] = frozenset(("gate",))
_FLEET: frozenset[Where] = frozenset(("fleet",))

Mode = Literal["live", "replay"]


class Command(NamedTuple):
    """One command. ``keys`` are Textual's names, the first is shown as ``shown``; without one the palette has it.

    ``hint`` is its word in the footer, empty for none, after ``cap``, or ``shown`` where that is empty; the footer
    takes the first that fit. ``acting`` ones change the fleet and are gone in read-only mode. ``only`` is the mode
    that has it, empty for both.
    """

    id: str
    keys: str
    shown: str
    title: str
    where: frozenset[Where]
    hint: str = ""
    acting: bool = False
    only: Mode | Literal[""] = ""
    cap: str = ""


def _acting(id: str, key: str, title: str, where: frozenset[Where], hint: str = "") -> Command:  # noqa: A002
    """A command that changes the fleet."""
    return Command(id, key, key or ":", title, where, hint, acting=True)


def _writing(id: str, keys: str, title: str, where: frozenset[Where], hint: str = "") -> Command:  # noqa: A002
    """A command that adds to what is remembered, which a recording does not take."""
    return Command(id, keys, keys[0], title, where, hint, only="live")


def _playing(id: str, keys: str, shown: str, title: str, *hint: str) -> Command:  # noqa: A002
    """A command that moves a replay; ``hint`` is its word in the footer, and the keys before it."""
    word, cap = (*hint, "", "")[:2]
    return Command(id, keys, shown, title, EVERYWHERE, word, only="replay", cap=cap)


_THE_ANSWERS = "Send both sides the same few inputs and compare their answers"
_THE_TIMELINE = "The timeline: what happened, the newest on top"
_THE_JOURNAL = "The journal: what was changed, by whom, and what came of it"

COMMAND_TABLE: tuple[Command, ...] = (
    _playing("play", "space", "space", "Stand still, or go on; at the end: from the start", "play"),
    _playing("step_back", "left_square_bracket", "[", "One picture back"),
    _playing("step_on", "right_square_bracket", "]", "One picture on", "step", "[ ]"),
    _playing("mark_back", "left_curly_bracket", "{", "To the change before"),
    _playing("mark_on", "right_curly_bracket", "}", "To the next change", "jump", "{ }"),
    _playing("seek", "at", "@", "To a moment of the recording", "seek"),
    Command("open", "enter", "enter", "Open the selected row", frozenset(("models", "journal")), "open"),
    Command("open", "enter", "enter", "From a step to its evidence; open a recommended action", _TRIAGE),
    Command("open", "enter", "enter", "Triage the selected alert", _ALERTS, "triage"),
    _acting("advice_a", "a", "Open the plan of the first recommended action", _TRIAGE, "do it"),
    _acting("advice_b", "b", "Open the plan of the second", _TRIAGE),
    _acting("advice_c", "c", "Open the plan of the third", _TRIAGE),
    _acting("advice_d", "d", "Open the plan of the fourth", _TRIAGE),
    _acting("advice_e", "e", "Open the plan of the fifth", _TRIAGE),
    Command("overrule", "o", "o", "Answer the selected step yourself", _TRIAGE, "overrule"),
    Command("trust", "O,upper_o", "O", "Take your answer to the selected step back", _TRIAGE),
    Command("runbook", "tab", "tab", "Walk another runbook", _TRIAGE, "runbook"),
    _writing("silence", "m", "Silence the selected alert, with a note", _ALERTS, "silence"),
    _writing("unsilence", "M,upper_m", "Lift the silence of the selected alert", _ALERTS),
    Command("compare", "enter", "enter", _THE_ANSWERS, _GATE, "compare answers", only="live"),
    Command("baseline", "b", "b", "Choose the baseline", _GATE, "baseline"),
    Command("candidate", "c", "c", "Choose the candidate", _GATE, "candidate"),
    Command(
        "connect", "enter", "enter", "Open the selected server by itself", _FLEET, "connect", only="live"
    ),
    Command("scope", "tab", "tab", "Figures of all models, or of the selected one", _FLEET, "scope"),
    Command("filter", "slash", "/", "Filter the rows: words and terms such as p99>200", _TABLES, "filter"),
    Command(
        "open", "enter", "enter", "Open the model of the selected change, or its triage", _TIMELINE, "open"
    ),
    Command("search", "slash", "/", "Search for words", _TIMELINE | _JOURNAL, "search"),
    Command("journal", "tab", "tab", _THE_JOURNAL, _TIMELINE, "journal"),
    Command("timeline", "tab", "tab", _THE_TIMELINE, _JOURNAL, "timeline"),
    Command("triage", "4", "4", "Triage of the selected model or alert", EVERYWHERE - _TRIAGE, "triage"),
    Command("leave", "4", "4", "Back to where the triage was opened", _TRIAGE),
    _acting("freeze", "f", "Freeze deploys, or lift the freeze", EVERYWHERE, "freeze"),
    _acting("reduce", "t", "Reduce the traffic of the selected model", OF_A_MODEL, "reduce"),
    _acting("rollback", "r", "Roll the selected model back", OF_A_MODEL, "rollback"),
    _acting(
        "undo", "u", "Undo the newest plan that stands; in the journal the selected one", EVERYWHERE, "undo"
    ),
    Command("help", "question_mark", "?", "Help for this screen", EVERYWHERE, "help"),
    Command("quit", "q", "q", "Quit", EVERYWHERE, "quit"),
    _playing("faster", "plus,equals_sign", "+", "Twice as fast", "speed", "+ -"),
    _playing("slower", "minus", "-", "Half as fast"),
    Command("back", "escape", "esc", "Back; clears the filter first", EVERYWHERE, "back"),
    Command("models", "1", "1", "Models", EVERYWHERE),
    Command("model", "2", "2", "The selected model", EVERYWHERE),
    Command("gpus", "3", "3", "GPUs", EVERYWHERE, "GPUs"),
    Command("incident", "5", "5", "The incident: its timeline, or the journal", EVERYWHERE, "incident"),
    Command(
        "alerts", "6", "6", "Alerts: what fires, since when, and who else was paged", EVERYWHERE, "alerts"
    ),
    Command("fleet", "7", "7", "The fleet: where servers run, which of them differ", EVERYWHERE, "fleet"),
    Command("fleets", "F,upper_f", "F", "Choose another fleet", EVERYWHERE, only="live"),
    Command("gate", "v", "v", "Watch the gate of two versions", frozenset(("models", "model")), "gate"),
    Command("sort", "s", "s", "Sort by the next column", _TABLES, "sort"),
    Command("reverse", "S,upper_s", "S", "Turn the order round", _TABLES),
    _acting("doing", "x", "Show the plan that runs, or its result", EVERYWHERE),
    _acting("good", "g", "Mark what serves now as known-good", OF_A_MODEL, "good"),
    Command("pause", "space", "space", "Hold the picture still, or go on", _FIGURES, "pause", only="live"),
    _writing("note", "n", "Write a note to the timeline", EVERYWHERE, "note"),
    _playing("no_note", "n", "n", "No notes here: a recording is not written to"),
    _writing("declare", "i", "Open an incident, or show the open one", EVERYWHERE, "declare"),
    _writing("close_incident", "I,upper_i", "Close the incident and keep it in one file", EVERYWHERE),
    Command(
        "copy",
        "y",
        "y",
        "Copy the command line that shows the same",
        EVERYWHERE - _TIMELINE - _JOURNAL,
        "copy",
    ),
    Command("copy", "y", "y", "Copy the selected line as text", _TIMELINE, "copy"),
    Command("copy", "y", "y", "Copy the exact calls of the selected plan", _JOURNAL, "copy"),
    Command("copy_query", "Y,upper_y", "Y", "Copy the query of the selected evidence", _TRIAGE),
    Command("stretch", "w", "w", "Charts over 5 minutes, 15 minutes, an hour", _CHARTS, "window"),
    Command("theme", "ctrl+t", "ctrl+t", "Dark or light", EVERYWHERE, "theme"),
    Command("palette", "colon,ctrl+p", ":", "All commands", EVERYWHERE, "all"),
    Command("timeline", "", ":", _THE_TIMELINE, EVERYWHERE - _TIMELINE - _JOURNAL),
    Command("journal", "", ":", _THE_JOURNAL, EVERYWHERE - _TIMELINE - _JOURNAL),
    _acting("restore", "", "Give the traffic back that was taken", EVERYWHERE),
    _acting("unload", "", "Unload the selected model, a noisy neighbour for one", OF_A_MODEL),
    _acting("load", "", "Load the selected model", OF_A_MODEL),
    _acting("instances", "", "Change the number of instances of the selected model", OF_A_MODEL),
    _acting("queue_delay", "", "Change the queue delay of the selected model", OF_A_MODEL),
    _acting("queue_size", "", "Change the queue size of the selected model", OF_A_MODEL),
    _acting("recover", "", "What consoles that died have left unfinished", EVERYWHERE),
)


def available(
    where: Where, *, read_only: bool, replay: bool = False, commands: tuple[Command, ...] = COMMAND_TABLE
) -> tuple[Command, ...]:
    """The commands of a screen in its mode; read-only takes away the acting ones, here and nowhere else."""
    mode: Mode = "replay" if replay else "live"
    still = read_only or replay
    return tuple(
        c for c in commands if where in c.where and c.only in ("", mode) and not (still and c.acting)
    )
