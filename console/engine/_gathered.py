"""What several targets have in common is said once."""

from collections.abc import Collection, Iterable

from console.domain.text import visible


def gathered(texts: Iterable[str], targets: Collection[str]) -> tuple[str, ...]:
    """The texts, each once; ``triton-0: so`` and ``triton-1: so`` become ``triton-0, triton-1: so``."""
    names = {visible(target) for target in targets}
    said: dict[str, list[str]] = {}
    for text in texts:
        name, sign, rest = text.partition(": ")
        known = bool(sign) and name in names
        said.setdefault(rest if known else text, []).extend([name] if known else [])
    return tuple(f"{', '.join(dict.fromkeys(who))}: {text}" if who else text for text, who in said.items())
