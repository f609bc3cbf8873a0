"""Where each key of a TOML document stands, for documents that tomllib accepts."""

import re
import tomllib

from console.domain.toml_problems import KeyPath

# tomllib gives values without positions, so the keys are found a second time here. The
# text is valid TOML by then: the scanner must only tell keys from values.
_TOKEN = re.compile(
    r'''(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|'[^']*')'''
    r"|(?P<skip>[ \t\r]+|\#[^\n]*)|(?P<newline>\n)|(?P<mark>[\[\]{}=,.])|(?P<bare>[^\s\[\]{}=,.#\"']+)",
    re.DOTALL,
)
_END = ("end", "", 0)


def key_lines(document: str) -> dict[KeyPath, int]:
    """Line number of every table, key and list element by its path, counted from 1."""
    return _Scanner(document).run()


class _Scanner:
    def __init__(self, document: str) -> None:
        self._tokens: list[tuple[str, str, int]] = []
        self._next = 0
        self._lines: dict[KeyPath, int] = {}
        self._last: dict[KeyPath, int] = {}
        line = 1
        for match in _TOKEN.finditer(document):
            if match.lastgroup != "skip":
                self._tokens.append((str(match.lastgroup), match.group(), line))
            line += match.group().count("\n")

    def run(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._peek() != _END:
            if self._peek()[0] == "newline":
                self._take()
            elif self._peek()[1] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _peek(self) -> tuple[str, str, int]:
        return self._tokens[self._next] if self._next < len(self._tokens) else _END

    def _take(self) -> tuple[str, str, int]:
        token = self._peek()
        self._next += 1
        return token

    def _skip_newlines(self) -> None:
        while self._peek()[0] == "newline":
            self._take()

    def _header(self) -> KeyPath:
        marks = 0
        while self._peek()[1] == "[":
            line = self._take()[2]
            marks += 1
        path = self._placed(self._key(()), another=marks == 2)
        while self._peek()[1] == "]":
            self._take()
        self._note(path, 1, line)
        return path

    def _placed(self, key: KeyPath, *, another: bool) -> KeyPath:
        """A header's key with the position in each list of tables on its way; ``[[key]]`` begins another one."""
        path: KeyPath = ()
        for depth, part in enumerate(key, 1):
            path += (part,)
            if another and depth == len(key):
                self._last[path] = self._last.get(path, -1) + 1
            if path in self._last:
                path += (self._last[path],)
        return path

    def _note(self, path: KeyPath, shortest: int, line: int) -> None:
        for end in range(shortest, len(path) + 1):
            self._lines.setdefault(path[:end], line)

    def _pair(self, table: KeyPath) -> None:
        line = self._peek()[2]
        path = self._key(table)
        self._note(path, len(table) + 1, line)
        self._take()  # the equals sign
        self._value(path)

    def _key(self, table: KeyPath) -> KeyPath:
        path = table
        while self._peek()[0] in {"text", "bare"}:
            kind, text, _ = self._take()
            path += (str(tomllib.loads(f"key = {text}")["key"]) if kind == "text" else text,)
            if self._peek()[1] == ".":
                self._take()
        return path

    def _value(self, path: KeyPath) -> None:
        if self._peek()[1] == "[":
            self._list(path)
        elif self._peek()[1] == "{":
            self._inline(path)
        else:
            while self._peek() != _END and self._peek()[0] != "newline" and self._peek()[1] not in ",]}":
                self._take()

    def _list(self, path: KeyPath) -> None:
        self._take()
        position = 0
        self._skip_newlines()
        while self._peek()[1] not in {"]", ""}:
            self._lines[(*path, position)] = self._peek()[2]
            self._value((*path, position))
            position += 1
            self._skip_newlines()
            if self._peek()[1] == ",":
                self._take()
            self._skip_newlines()
        self._take()

    def _inline(self, path: KeyPath) -> None:
        self._take()
        self._skip_newlines()
        while self._peek()[1] not in {"}", ""}:
            self._pair(path)
            self._skip_newlines()
            if self._peek()[1] == ",":
                self._take()
            self._skip_newlines()
        self._take()
