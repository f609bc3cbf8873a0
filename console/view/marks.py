"""The moments that charts show: what changed, in few words, on the model or the GPU that is looked at."""

from collections.abc import Callable

from console.domain.gpu import GpuRow
from console.domain.marker import Marker, MarkerKind
from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view.charts import Chart, Mark, Stretch
from console.view.format import moment
from console.view.waves import WAVE_S, WORDS, waves

_MARKS, _LABELS = 12, 3
_NAME, _GOAL, _VERSION, _SAID = 16, 24, 8, 24

# What is judged from the figures belongs to the timeline; a chart shows what may have moved them, and who said what when.
_ON_CHARTS = WORDS.keys() - {MarkerKind.TRIAGE, MarkerKind.ALERT, MarkerKind.EFFECT}
_OF_PEOPLE = frozenset((MarkerKind.ACTION, MarkerKind.NOTE, MarkerKind.INCIDENT))
_ON_GPUS = _ON_CHARTS - {MarkerKind.PROBE, MarkerKind.RESET}

Concerns = Callable[[Marker], bool]
Label = Callable[[Marker], str]


def marks(snapshot: Snapshot, row: ModelRow, stretch: Stretch) -> tuple[Mark, ...]:
    """The changes within the stretch that concern this version: its model's, and its targets'.

    The same change on one target after the other is one mark with a count. Only the newest have labels.
    """

    def concerns(marker: Marker) -> bool:
        if marker.kind not in _ON_CHARTS:
            return False
        if marker.model:
            return marker.model == row.key.model
        return marker.target in row.targets or not marker.target

    return _marks(snapshot, stretch, concerns, _label)


def gpu_marks(snapshot: Snapshot, row: GpuRow, stretch: Stretch) -> tuple[Mark, ...]:
    """The changes within the stretch on the servers that see this GPU, of whatever model.

    Where no server says which GPUs it sees, every server's.
    """
    seen = {target.name for target in snapshot.targets if row.gpu.uuid in target.gpus}

    def concerns(marker: Marker) -> bool:
        known = marker.kind in _ON_GPUS
        return known and (not seen or not marker.target or marker.target in seen)

    return _marks(snapshot, stretch, concerns, _model_label)


def with_onset(chart: Chart, onset: float | None) -> Chart:
    """The chart with the moment (epoch seconds) when the trouble began, where that is known and within it.

    It is one of the few that have labels.
    """
    if onset is None or not chart.since <= onset <= chart.until:
        return chart
    newest = len(chart.marks) - _LABELS + 1
    others = (mark if number >= newest else Mark(mark.at, "", "") for number, mark in enumerate(chart.marks))
    return chart._replace(marks=(*others, Mark(onset, f"onset {moment(onset)}", "onset")))


def _marks(snapshot: Snapshot, stretch: Stretch, concerns: Concerns, label: Label) -> tuple[Mark, ...]:
    near = (m for m in snapshot.markers if stretch.since <= m.at <= stretch.until and concerns(m))
    found = waves(near, label, max(WAVE_S, stretch.seconds / 20))[-_MARKS:]
    labelled = len(found) - _LABELS
    changed = tuple(
        _mark(wave, label) if number >= labelled else Mark(wave[0].at, "", "")
        for number, wave in enumerate(found)
    )
    return (*_began(snapshot, stretch), *changed)


def _began(snapshot: Snapshot, stretch: Stretch) -> tuple[Mark, ...]:
    """Where the watch began, if what is left of that comes from elsewhere."""
    recalled = snapshot.recalled
    if recalled is None or not stretch.since < recalled.until <= stretch.until:
        return ()
    return (Mark(recalled.until, f"◂ {visible(recalled.source, _GOAL)}", "◂"),)


def _mark(wave: list[Marker], label: Label) -> Mark:
    words = label(wave[0]) + (f" ×{len(wave)}" if len(wave) > 1 else "")
    if wave[0].kind is MarkerKind.NOTE and len(wave) == 1:
        return Mark(wave[0].at, f"{words} {_noted(wave[0])}", words)
    return Mark(wave[0].at, f"{words} {moment(wave[0].at)}", words)


def _noted(marker: Marker) -> str:
    """The first words of a note, without who wrote it."""
    who, written, said = marker.detail.partition(": ")
    return visible(said if written and " " not in who else marker.detail, _SAID)


def _label(marker: Marker) -> str:
    if marker.kind is MarkerKind.ACTION:
        return visible(marker.detail.partition(":")[0], _GOAL)
    word = WORDS[marker.kind]
    if marker.kind is MarkerKind.NOTE:
        return word
    if marker.kind is MarkerKind.INCIDENT:
        return f"{word} {visible(marker.detail.partition(' ')[0], _VERSION)}".rstrip()
    if marker.version:
        return f"{word} v{visible(marker.version, _VERSION)}"
    return word if marker.model or not marker.target else f"{visible(marker.target, _NAME)} {word}"


def _model_label(marker: Marker) -> str:
    """The same with the model's name: on a GPU there are others."""
    if marker.kind in _OF_PEOPLE or not marker.model:
        return _label(marker)
    version = f" v{visible(marker.version, _VERSION)}" if marker.version else ""
    return f"{WORDS[marker.kind]} {visible(marker.model, _NAME)}{version}"
