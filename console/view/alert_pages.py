"""Who else was paged: Alertmanager's alerts, as lines."""

from collections.abc import Iterable

from console.domain.alert_names import RULE_NAMES
from console.domain.around import Page, PageState
from console.domain.rows import Alert
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.grid import grid
from console.view.styled import Line, Span

_MOST = 50


def page_rows(snapshot: Snapshot, alert: Alert | None = None) -> tuple[Line, ...]:
    """A line for each page, those that were sent first; only what concerns ``alert``, where one is given."""
    found = snapshot.pages.pages if snapshot.pages is not None else ()
    chosen = [page for page in found if alert is None or related(page, alert)]
    chosen.sort(key=lambda page: (page.state is not PageState.ACTIVE, page.since, page.name))
    table = grid(
        ("", "PAGE", "SEVERITY", "SINCE", "TOLD", "ABOUT"), [_cells(page) for page in chosen[:_MOST]]
    )
    left = len(chosen) - _MOST
    return (*table, (Span(f"… {left} more", "dim"),)) if left > 0 else table


def related(page: Page, alert: Alert) -> bool:
    """Whether a page is about what the alert is about: its model or target in a label, or the same rule for no model."""
    labels = page.labels
    if alert.model and labels.get("model") == alert.model:
        return True
    if alert.target and alert.target in {
        _host(labels.get("instance", "")),
        labels.get("target"),
        labels.get("pod"),
    }:
        return True
    return page.name == RULE_NAMES.get(alert.id) and "model" not in labels and "instance" not in labels


def _host(instance: str) -> str:
    return instance.rpartition(":")[0] or instance


def _cells(page: Page) -> list[Line]:
    active = page.state is PageState.ACTIVE
    told = ", ".join(visible(name, 40) for name in page.receivers) or "nobody"
    return [
        (Span("✗", "bad") if active else Span("·", "dim"),),
        (Span(visible(page.name, 60), "title" if active else "dim"),),
        (Span(visible(page.severity, 20) or "–", "" if active else "dim"),),
        (Span(write.clock(page.since), "dim"),),
        (Span(told if active else _muted(page.silenced_by), "" if active else "dim"),),
        (Span(visible(page.summary, 120) or _labels(page.labels.items()), "dim"),),
    ]


def _muted(silences: Iterable[str]) -> str:
    named = ", ".join(visible(name, 12) for name in silences)
    return f"silenced by {named}" if named else "suppressed"


def _labels(labels: Iterable[tuple[str, str]]) -> str:
    shown = (f"{visible(name, 30)}={visible(value, 40)}" for name, value in labels if name != "alertname")
    return visible(", ".join(shown), 120)
