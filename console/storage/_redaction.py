"""Takes the values of secrets out of everything that is kept."""

import json
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from console.domain.journal import Record
from console.domain.secret import Secret, redact
from console.domain.states import Json

# Shorter values are found in versions, counts and names of all kinds: taking them out would make
# the journal useless for undo, and they protect nothing.
SHORTEST = 4
# A word of a header's value, such as the token after "Bearer".
_SHORTEST_WORD = 8


class Redaction:
    """Replaces the values of these secrets by value, also where they are quoted in a URL or in JSON."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        forms = {form for secret in secrets for form in _forms(secret.reveal())}
        self._forms = tuple(Secret(form) for form in sorted(forms))
        self._raw = tuple(form.encode("utf-8", "surrogatepass") for form in forms)

    def touches(self, data: bytes) -> bool:
        """Whether any of them stands in this data, whose text is UTF-8."""
        return any(form in data for form in self._raw)

    def text(self, text: str) -> str:
        """A text without them."""
        return redact(text, self._forms) if self._forms else text

    def record(self, record: Record) -> Record:
        """A record without them; its plan's id stays what the other records call it."""
        body = {self.text(name): self.json(member) for name, member in record.body.items()}
        return record._replace(who=self.text(record.who), body=body)

    def json(self, value: Json) -> Json:
        """A value of any depth without them, its members' names included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.json(member) for name, member in value.items()}
        if isinstance(value, list | tuple):
            return [self.json(member) for member in value]
        return value


def _forms(value: str) -> Iterator[str]:
    words = [word for word in value.split() if len(word) >= _SHORTEST_WORD]
    for text in (value, *words):
        if len(text) >= SHORTEST:
            yield text
            yield quote(text, safe="")
            yield json.dumps(text)[1:-1]
            yield json.dumps(text, ensure_ascii=False)[1:-1]
