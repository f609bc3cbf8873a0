"""Every command there is, in one table: it feeds the keys, the footer, the help and the palette."""

from typing import Literal, NamedTuple

Where = Literal["models", "model", "gpus"]
EVERYWHERE: frozenset[Where] = frozenset(("models", "model", "gpus"))
_TABLES: frozenset[Where] = frozenset(("models", "gpus"))


class Command(NamedTuple):
    """One command. ``keys`` are Textual's names, the first is shown as ``shown``.

    ``hint`` is its word in the footer, empty for none. ``acting`` ones change the fleet
    and are gone in read-only mode.
    """

    id: str
    keys: str
    shown: str
    title: str
    where: frozenset[Where]
    hint: str = ""
    acting: bool = False


COMMAND_TABLE: tuple[Command, ...] = (
    Command("open", "enter", "enter", "Open the selected model", frozenset(("models",)), "open"),
    Command("back", "escape", "esc", "Back; clears the filter first", EVERYWHERE, "back"),
    Command("models", "1", "1", "Models", EVERYWHERE),
    Command("model", "2", "2", "The selected model", EVERYWHERE),
    Command("gpus", "3", "3", "GPUs", EVERYWHERE, "GPUs"),
    Command("filter", "slash", "/", "Filter the rows: words and terms such as p99>200", _TABLES, "filter"),
    Command("sort", "s", "s", "Sort by the next column", _TABLES, "sort"),
    Command("reverse", "S,upper_s", "S", "Turn the order round", _TABLES),
    Command("pause", "space", "space", "Hold the picture still, or go on", EVERYWHERE, "pause"),
    Command("help", "question_mark", "?", "Help for this screen", EVERYWHERE, "help"),
    Command("quit", "q", "q", "Quit", EVERYWHERE, "quit"),
    Command("copy", "y", "y", "Copy the command line that shows the same", EVERYWHERE, "copy"),
    Command("stretch", "w", "w", "Charts over 5 minutes, 15 minutes, an hour", EVERYWHERE, "window"),
    Command("theme", "ctrl+t", "ctrl+t", "Dark or light", EVERYWHERE, "theme"),
    Command("palette", "colon,ctrl+p", ":", "All commands", EVERYWHERE, "all"),
)


def available(
    where: Where, *, read_only: bool, commands: tuple[Command, ...] = COMMAND_TABLE
) -> tuple[Command, ...]:
    """The commands of a screen; read-only takes away the acting ones, here and nowhere else."""
    return tuple(c for c in commands if where in c.where and not (read_only and c.acting))
