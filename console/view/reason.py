"""A server's reason, which may be many lines long, in one line or in several."""

from console.domain.text import visible
from console.domain.triton import State
from console.domain.versions import SCRAPED

_LINES = 20


def first_line(reason: str, limit: int = 200) -> str:
    """The first line that says something; an ellipsis when there are more."""
    lines = _said(reason)
    if not lines:
        return ""
    return f"{visible(lines[0], limit)} …" if len(lines) > 1 else visible(lines[0], limit)


def all_lines(reason: str) -> tuple[str, ...]:
    """Every line that says something, harmless, up to twenty."""
    lines = _said(reason)
    shown = tuple(visible(line, 1000) for line in lines[:_LINES])
    return (*shown, f"… {len(lines) - _LINES} more lines") if len(lines) > _LINES else shown


def _said(reason: str) -> list[str]:
    return [line for line in reason.split("\n") if line.strip()]


def state_word(state: State, reason: str) -> str:
    """A version's state; of one that Prometheus alone tells of, that it is scraped."""
    return "scraped" if reason == SCRAPED else state.value
