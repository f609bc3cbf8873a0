"""Fuzz one reader, led by coverage: ``python -m tests.siege.fuzz NAME [LIBFUZZER-FLAG …]``; needs the extra ``fuzz``.

The first byte of an input says what the rest is: bytes for the reader, or a recipe that changes its seeds.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["console"]):
    from tests.siege.fuzz_readers import READERS

from tests.parts.fuzz_case import Reader, changed

_AS_RECIPE = 0x80
_LONGEST = 20_000


def main(arguments: list[str]) -> None:
    """Fuzz until libFuzzer's flags, or a defect, end the process."""
    reader = next((each for each in READERS if arguments and each.name == arguments[0]), None)
    if reader is None:
        raise SystemExit(f"say which reader: {', '.join(each.name for each in READERS)}")
    with tempfile.TemporaryDirectory() as corpus:
        seeds = list(reader.seeds())
        for number, seed in enumerate(seeds):
            (Path(corpus) / f"seed-{number}").write_bytes(b"\0" + seed)
        atheris.Setup(
            [sys.argv[0], corpus, f"-max_len={_LONGEST}", *arguments[1:]],
            lambda data: _tried(reader, seeds, data),
        )
        atheris.Fuzz()


def _tried(reader: Reader, seeds: list[bytes], data: bytes) -> None:
    as_recipe = bool(data) and data[0] >= _AS_RECIPE
    reader.survives(changed(seeds, data[1:]) if as_recipe else data[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
