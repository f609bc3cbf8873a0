"""The runbooks that the console has, and which alerts open them."""

from console.domain.text import visible
from console.domain.triage import Library, Runbook
from console.view.fields import within, words
from console.view.styled import Line, Span

_WIDEST = 24


def ranked(library: Library) -> tuple[Runbook, ...]:
    """The runbooks in the order in which the console tries them."""
    return tuple(sorted(library.runbooks.values(), key=lambda book: (book.rank, book.id)))


def library_lines(library: Library, cells: int) -> list[Line]:
    """Each runbook with its title, and the alerts that open it."""
    books = ranked(library)
    if not books:
        return [(Span("there is no runbook that can be read", "warn"),)]
    wide = min(max(len(book.id) for book in books), _WIDEST) + 2
    lines: list[Line] = []
    for book in books:
        before: Line = (Span(f"{visible(book.id, _WIDEST):<{wide}}", "accent"),)
        lines += words(book.title, cells, before=before, role="title")
        if book.alerts:
            said = f"opened by {', '.join(book.alerts)}"
            lines += words(said, cells, before=(Span(" " * wide),), role="dim")
    return within(lines, cells)
