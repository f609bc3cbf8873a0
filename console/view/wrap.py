"""Long lines broken into several, at spaces where there are any."""

from console.view.styled import Line, Role, Span, plain, width


def wrapped(line: Line, cells: int, indent: int = 2) -> tuple[Line, ...]:
    """The line in pieces of at most that many cells; all but the first are indented."""
    if cells <= indent or width(plain(line)) <= cells:
        return (line,)
    lines: list[list[Span]] = [[]]
    room = cells
    for text, role in _words(line, cells - indent):
        wide = width(text)
        if wide > room:
            lines.append([Span(" " * indent)])
            room = cells - indent
            if text.isspace():
                continue
        lines[-1].append(Span(text, role))
        room -= wide
    return tuple(tuple(found) for found in lines)


def _words(line: Line, longest: int) -> list[tuple[str, Role]]:
    """Words and the spaces between them; a word wider than ``longest`` comes in parts."""
    found: list[tuple[str, Role]] = []
    for span in line:
        word = ""
        taken = 0
        for char in span.text:
            wide = width(char)
            if char == " " or taken + wide > longest:
                if word:
                    found.append((word, span.role))
                word, taken = "", 0
            if char == " ":
                found.append((char, span.role))
                continue
            word += char
            taken += wide
        if word:
            found.append((word, span.role))
    return found
