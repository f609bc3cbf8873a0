"""A real Prometheus that remembers what never happened to it: samples of the past, written into its store."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.parts.daemon import Daemon, free_port
from tests.parts.missing import missing
from tests.parts.prometheus import READY_S, query
from tests.parts.promtool import promtool

_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")


class Scrape(NamedTuple):
    """An exposition as it was scraped: when (epoch seconds), of which ``instance``, under which further labels."""

    at: float
    instance: str
    text: str
    labels: str = 'job="triton"'


class Backfilled:
    """One Prometheus that scrapes nothing and remembers these scrapes."""

    def __init__(self, folder: Path, scrapes: Iterable[Scrape]) -> None:
        binary = shutil.which("prometheus")
        if binary is None:
            missing("prometheus is not installed (on Debian: apt-get install prometheus)")
        samples, data = folder / "samples.txt", folder / "data"
        samples.write_text("".join(line for scrape in scrapes for line in _lines(scrape)) + "# EOF\n")
        made = promtool("tsdb", "create-blocks-from", "openmetrics", samples, data)
        assert made.returncode == 0, made.stderr
        config = folder / "prometheus.yml"
        config.write_text("global: {}\n")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            *(binary, f"--config.file={config}", f"--storage.tsdb.path={data}"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"),
        ]
        self._daemon = Daemon(command, folder / "prometheus.log")
        self._daemon.wait(lambda: query(self.url, "vector(1)") != [], READY_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._daemon.kill()


def _lines(scrape: Scrape) -> Iterable[str]:
    """The samples in OpenMetrics, each with the labels that a scrape adds and its time."""
    for line in scrape.text.splitlines():
        found = _SAMPLE.fullmatch(line)
        if found is not None:
            labels = ",".join(
                part for part in (found["labels"], f'instance="{scrape.instance}"', scrape.labels) if part
            )
            yield f"{found['name']}{{{labels}}} {found['value']} {scrape.at:.3f}\n"
