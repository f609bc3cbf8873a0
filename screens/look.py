"""The two themes, and how each role of styled text looks in them.

Blue is well and orange is trouble, which the common forms of colour blindness keep
apart; a sign always says the same as the colour.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import get_args

from rich.style import Style
from textual.theme import Theme

from console.view.styled import Role, Tint

DARK = Theme(
    name="console-dark",
    primary="#5bb0e8",
    secondary="#8fa3b8",
    accent="#5bb0e8",
    success="#5bb0e8",
    warning="#f2b34b",
    error="#ff7a4d",
    foreground="#d3dbe4",
    background="#0e1318",
    surface="#141b22",
    panel="#1d2731",
    dark=True,
    variables={
        "role-dim": "#8090a0",
        "role-title": "#f2f6fa",
        "role-accent": "#7cc7f5",
        "role-good": "#5bb0e8",
        "role-warn": "#f2b34b",
        "role-bad": "#ff7a4d",
        "role-stale": "#66737f",
        "role-key": "#ffd98a",
        "role-quiet": "#45586a",
        "role-first": "#7cc7f5",
        "role-second": "#3f7ba6",
        "role-third": "#7d8b99",
        "role-level": "#ff7a4d",
        "role-mark": "#c79bf2",
        "cursor": "#22384a",
        "cursor-blurred": "#1a2630",
        "footer-background": "#141b22",
        "scrollbar": "#2a3947",
        "scrollbar-hover": "#3b4f61",
        "scrollbar-active": "#4a6378",
        "scrollbar-background": "#0e1318",
        "scrollbar-background-hover": "#0e1318",
        "scrollbar-background-active": "#0e1318",
        "scrollbar-corner-color": "#0e1318",
    },
)

LIGHT = Theme(
    name="console-light",
    primary="#0067a8",
    secondary="#5b6874",
    accent="#0067a8",
    success="#0067a8",
    warning="#9a5b00",
    error="#b93a00",
    foreground="#252b31",
    background="#fcfbf8",
    surface="#f3f1ec",
    panel="#e6e3dc",
    dark=False,
    variables={
        "role-dim": "#66707a",
        "role-title": "#0b0f13",
        "role-accent": "#005a94",
        "role-good": "#0067a8",
        "role-warn": "#9a5b00",
        "role-bad": "#b93a00",
        "role-stale": "#8d959c",
        "role-key": "#7a4a00",
        "role-quiet": "#b9c2c9",
        "role-first": "#0067a8",
        "role-second": "#7fb2d6",
        "role-third": "#98a1a9",
        "role-level": "#c85a1e",
        "role-mark": "#7a3fb0",
        "cursor": "#d5e5f0",
        "cursor-blurred": "#e8ecee",
        "footer-background": "#f3f1ec",
        "scrollbar": "#cfcac0",
        "scrollbar-hover": "#b8b2a6",
        "scrollbar-active": "#a09a8d",
        "scrollbar-background": "#fcfbf8",
        "scrollbar-background-hover": "#fcfbf8",
        "scrollbar-background-active": "#fcfbf8",
        "scrollbar-corner-color": "#fcfbf8",
    },
)

THEMES = (DARK, LIGHT)

_COLOURED: tuple[Role, ...] = ("dim", "title", "accent", "good", "warn", "bad", "stale", "key", "quiet")
_BOLD: frozenset[Role] = frozenset({"title", "bad", "key"})

Styles = Mapping[Role, Style]


def based(look: Styles, base: Style) -> Styles:
    """The roles' styles on the colours of the widget they are drawn in."""
    return {role: base + style for role, style in look.items()}


@lru_cache(4)
def styles(theme: str) -> Styles:
    """A terminal style for each role in the theme of that name; one that is not ours gives plain text."""
    variables = next((known.variables for known in THEMES if known.name == theme), {})
    roles: tuple[Role, ...] = ("", *_COLOURED, *get_args(Tint))
    return {
        role: Style(
            color=variables.get(f"role-{role}"), bold=role in _BOLD or None, italic=role == "stale" or None
        )
        for role in roles
    }
