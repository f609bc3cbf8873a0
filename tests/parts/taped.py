"""A rehearsal that is recorded, and what its servers' own metrics say of it."""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Self

from console.domain.journal import JournalNews, Record
from console.domain.marker import Marker
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.engine.feed import feed
from console.ports import Recorder
from tests.parts.recordings import KeepingRecorder, KeptRecording
from tests.parts.rehearsal import Rehearsal

_SAMPLE = re.compile(r"^(\w+)\{([^}]*)\} ([0-9.e+]+)$", re.MULTILINE)
_MODEL = re.compile(r'model="([^"]*)"')


class Taped(Rehearsal):
    """Every sample and every picture is kept; notes and the journal's news too.

    ``unprobed`` sends no synthetic inferences: how many there are hangs on the machine, all else on the seed.
    """

    def __init__(self, scenario: str, seed: int = 0, *, unprobed: bool = False) -> None:
        super().__init__(scenario, seed)
        self._unprobed = unprobed
        self._loads: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        if self._unprobed:
            self._probing.cancel()
        self._recorder = KeepingRecorder(self.fleet, self._clock.now())
        self._also: list[Recorder] = []
        return self

    def also(self, recorder: Recorder) -> None:
        """Record with this one as well, from now on."""
        self._also.append(recorder)

    @property
    def recording(self) -> KeptRecording:
        """What was recorded so far."""
        return self._recorder.recording

    @property
    def now(self) -> float:
        """The time, epoch seconds."""
        return self._clock.now()

    def note(self, marker: Marker) -> None:
        """Put a marker on the timeline."""
        feed(self._store, marker)
        self._recorder.take(marker)

    def journal(self, records: Sequence[Record]) -> None:
        """Let the journal have new records."""
        at, mono = self._clock.now(), self._clock.monotonic()
        self._take(Sample("journal", None, at, mono, 0.0, 1.0, JournalNews(tuple(records)), None))

    def load(self, model: str, version: str) -> None:
        """Ask every server to serve that version alone; each does so as the time goes on."""
        config = {"name": model, "version_policy": {"specific": {"versions": [int(version)]}}}
        body = {"parameters": {"config": json.dumps(config)}}
        for target in self.fleet.targets:
            url = f"{target.url}/v2/repository/models/{model}/load"
            self._loads.append(asyncio.create_task(self._post(url, body)))

    async def _post(self, url: str, body: object) -> None:
        async with self._http.session.post(url, json=body) as answer:
            assert answer.status == 200, await answer.text()

    async def counted(self, family: str, **labels: str) -> dict[str, float]:
        """A counter of the servers' expositions as text, by model, added over all targets."""
        total: dict[str, float] = {}
        for target in self.fleet.targets:
            async with self._http.session.get(target.metrics) as answer:
                text = await answer.text()
            for name, found, value in _SAMPLE.findall(text):
                model = _MODEL.search(found)
                wanted = all(f'{key}="{each}"' in found for key, each in labels.items())
                if name == family and model is not None and wanted:
                    total[model[1]] = total.get(model[1], 0.0) + float(value)
        return total

    def _take(self, sample: Sample) -> None:
        super()._take(sample)
        for recorder in (self._recorder, *self._also):
            recorder.take(sample)

    def _picture(self) -> Snapshot:
        snapshot = super()._picture()
        for recorder in (self._recorder, *self._also):
            recorder.tick(snapshot, self._clock.monotonic())
        return snapshot
