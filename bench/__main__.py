"""Every figure of the bench against its peer, in one run: ``python -m bench [NAME …]``; ``soak`` and ``scale`` by themselves."""

import importlib
import pkgutil
import sys

import bench
from bench._bytes import Bytes

# By name alone, with arguments of their own: they take their time, and have limits for peers.
LONG = frozenset({"soak", "scale"})


def main(names: list[str]) -> None:
    """Run the named modules, all without names, and print a table with ratios."""
    if names and names[0] in LONG:
        importlib.import_module(f"bench.{names[0]}").main(names[1:])
        return
    known = sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))
    print(f"{'figure':<36} {'ours':>11} {'peer':>11} {'ratio':>8}  note")
    for name in names or [name for name in known if name not in LONG]:
        for figure, ours, peer, note in importlib.import_module(f"bench.{name}").figures():
            print(f"{figure:<36} {_said(ours)} {_said(peer)} {peer / ours:>7.1f}×  {note}", flush=True)


def _said(figure: float) -> str:
    if isinstance(figure, Bytes):
        return f"{figure / 1e6:>8.1f} MB"
    seconds = figure
    return f"{seconds * 1e3:>8.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:>8.1f} µs"


if __name__ == "__main__":
    main(sys.argv[1:])
