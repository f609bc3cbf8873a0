"""The alerts screen: what fires, what recovers, the evidence, and who else was paged."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from console.domain.alert_burn import PAIRS, filled, seen, spaced
from console.domain.alert_condition import PAGE
from console.domain.rows import Alert, AlertState, ModelRow, Slo
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.alert_pages import page_rows, related
from console.view.fields import field, heading, within, words
from console.view.filters import Filter
from console.view.grid import grid
from console.view.reason import first_line
from console.view.styled import EMPTY, Line, Role, Span
from console.view.table import Column, Row, Sort, Table, grown

COLUMNS: tuple[Column, ...] = (
    Column("sign", "", 1, "how it stands, see the signs", align="left"),
    Column("state", "STATE", 10, "page, ticket, recovering, over; or silenced", align="left"),
    Column("since", "SINCE", 8, "when it began, UTC", align="left", drop=3),
    Column("for", "FOR", 7, "how long ago that was"),
    Column("subject", "SUBJECT", 14, "whose it is", align="left", drop=2, grow=26, cut="middle"),
    Column("message", "WHAT", 24, "what is wrong", align="left", grow=40),
    Column("note", "EVIDENCE", 20, "the figures, or why it is silenced", align="left", drop=4, grow=120),
)
URGENT = Sort("state")
_ORDERS: dict[str, Callable[[Alert], float | str]] = {
    "since": lambda alert: -alert.since,
    "subject": lambda alert: alert.subject.casefold(),
}
SORTS = ("state", *_ORDERS)

STATES: dict[AlertState, tuple[Span, str]] = {
    AlertState.PAGE: (Span("✗", "bad"), "page"),
    AlertState.TICKET: (Span("▲", "warn"), "ticket"),
    AlertState.RECOVERING: (Span("◌", "stale"), "recovering"),
    AlertState.ACCEPTABLE: (Span("●", "good"), "over"),
}
"""The sign and the word of each state."""
SIGNS: tuple[tuple[Span, str], ...] = (
    (Span("✗", "bad"), "fires, and is worth waking somebody for"),
    (Span("▲", "warn"), "fires, and can wait for the morning"),
    (Span("·", "dim"), "fires, and is silenced with a note"),
    (Span("◌", "stale"), "fires no more, and is watched for a minute"),
    (Span("●", "good"), "is over"),
)


def alert_rows(snapshot: Snapshot) -> tuple[Alert, ...]:
    """Every alert: what fires (the worst and oldest first), what is silenced, what recovers, what is over."""
    return tuple(sorted((*snapshot.alerts, *snapshot.calm), key=_urgency))


def alerts_table(snapshot: Snapshot, chosen: Filter[Alert], sort: Sort = URGENT) -> Table[Alert]:
    """The alerts that pass the filter, by urgency, age or subject."""
    rows: Sequence[Alert] = list(filter(chosen.matches, alert_rows(snapshot)))
    measure = _ORDERS.get(sort.by)
    if measure is not None:
        rows = sorted(rows, key=lambda alert: (measure(alert),), reverse=sort.reversed)
    elif sort.reversed:
        rows = rows[::-1]
    made = _made(snapshot.at)
    return Table(_columns(rows), rows, alert_key, made, sort, _nothing(snapshot, chosen))


def alert_key(alert: Alert) -> Hashable:
    """What tells one alert from another."""
    return alert.id, alert.subject


def sign(alert: Alert) -> Span:
    """The sign of its state; one that is silenced calls for nobody."""
    return Span("·", "dim") if alert.note else STATES[alert.state][0]


def word(alert: Alert) -> str:
    """Its state in a word."""
    return "silenced" if alert.note else STATES[alert.state][1]


def alert_detail(alert: Alert, snapshot: Snapshot, cells: int = 80) -> tuple[Line, ...]:
    """Everything about one alert, within that many cells: evidence, burn windows, who else was paged."""
    lines = [
        (sign(alert), Span(" "), *heading(visible(alert.message), max(cells - 2, 1))),
        *field("state", _standing(alert, snapshot.at), cells),
        *field("evidence", alert.evidence or "none", cells),
        *_whose(alert, cells),
        *_owner(alert, snapshot, cells),
    ]
    if alert.note:
        lines += field("silenced", alert.note, cells, role="accent")
    for row in _models(alert, snapshot):
        if any(burn is not None for burn in row.slo.burn.values()):
            lines += [EMPTY, *burn_lines(row)]
    lines += [EMPTY, *_paged(alert, snapshot, cells)]
    return tuple(within(lines, cells))


def burn_lines(row: ModelRow) -> tuple[Line, ...]:
    """The burn of one version over each pair of windows, against the factor at which it alarms."""
    title = Span(f"Budget burn of {visible(row.key.label, 40)}", "title")
    aim = row.slo.objective
    promised = f"  {aim.availability:.6g} answered, p{aim.quantile * 100:g} within {aim.latency_ms:g} ms"
    table = grid(("", "SHORT", "LONG", "FACTOR", "ALARM", ""), [*_pairs(row.slo)], right={1, 2, 3})
    return ((title, Span(promised, "dim")), *table)


def _pairs(slo: Slo) -> Iterator[list[Line]]:
    for pair in PAIRS:
        short, long = slo.burn.get(pair.short), slo.burn.get(pair.long)
        extent = seen(slo, pair.long)
        coverage = filled(slo, pair.long)
        if long is None and extent is not None:
            long = extent.burn
        over = min(short or 0.0, long or 0.0) >= pair.factor
        yield [
            (Span(f"{spaced(pair.short)} and {spaced(pair.long)}"),),
            _rate(short, pair.factor),
            _rate(long, pair.factor),
            (Span(write.times(pair.factor), "dim"),),
            (Span(pair.severity, ("bad" if pair.severity == PAGE else "warn") if over else "dim"),),
            (Span(f"{coverage} seen" if coverage else "", "dim"),),
        ]


def _rate(burn: float | None, factor: float) -> Line:
    if burn is None:
        return (Span("··", "dim"),)
    return (Span(write.times(burn), "bad" if burn >= factor else "warn" if burn >= 1 else ""),)


def _urgency(alert: Alert) -> tuple[bool, bool, int, str, float]:
    states = list(AlertState)
    firing = alert.state in {AlertState.PAGE, AlertState.TICKET}
    return not firing, bool(alert.note), states.index(alert.state), alert.severity, alert.since


def _columns(rows: Iterable[Alert]) -> tuple[Column, ...]:
    texts: dict[str, list[str]] = {
        "subject": [visible(alert.subject, 80) for alert in rows],
        "message": [visible(alert.message, 120) for alert in rows],
    }
    return tuple(grown(column, texts[column.id]) if column.id in texts else column for column in COLUMNS)


def _made(at: float) -> Callable[[Alert, frozenset[str]], Row]:
    def row(alert: Alert, wanted: frozenset[str]) -> Row:
        del wanted
        quiet: Role = "dim" if alert.note or alert.state is AlertState.ACCEPTABLE else ""
        mark = sign(alert)
        told = f"silenced: {visible(alert.note)}" if alert.note else first_line(alert.evidence, 160)
        cells: tuple[Line, ...] = (
            (mark,),
            (Span(word(alert), mark.role),),
            (Span(write.moment(alert.since), "dim"),),
            (Span(write.duration(at - alert.since), quiet),),
            (Span(visible(alert.subject, 80) or "–", quiet or "title"),),
            (Span(visible(alert.message, 120), quiet),),
            (Span(told, "dim"),),
        )
        return Row(cells)

    return row


def _nothing(snapshot: Snapshot, chosen: Filter[Alert]) -> tuple[Line, ...]:
    if chosen.tests and alert_rows(snapshot):
        return (
            (Span(f"No alert matches {visible(chosen.text, 60)}", "dim"),),
            (Span("esc clears the filter", "dim"),),
        )
    watched = write.duration(snapshot.elapsed_s)
    return ((Span("●", "good"), Span(" No alert fires.")), (Span(f"  watched for {watched}", "dim"),))


def _standing(alert: Alert, at: float) -> str:
    began = f"since {write.clock(alert.since)}, {write.duration(at - alert.since)}"
    worth = f" ({alert.severity})" if word(alert) != alert.severity else ""
    return f"{word(alert)}{worth}, {began}"


def _whose(alert: Alert, cells: int) -> list[Line]:
    whose = [f"{name} {text}" for name, text in (("model", alert.model), ("target", alert.target)) if text]
    return field("whose", ", ".join(whose) or alert.subject, cells)


def _owner(alert: Alert, snapshot: Snapshot, cells: int) -> list[Line]:
    """Who is to be called, as far as the model's contract says."""
    held = snapshot.contracts.get(alert.model)
    return field("owner", held.contract.whose, cells) if held is not None and held.contract.whose else []


def _models(alert: Alert, snapshot: Snapshot) -> list[ModelRow]:
    """The versions that the alert is about: the one it names, else those of its model that serve."""
    rows = [row for row in snapshot.models if alert.model and row.key.model == alert.model]
    named = [row for row in rows if row.key.label == alert.subject]
    return named or [row for row in rows if row.ready]


def _paged(alert: Alert, snapshot: Snapshot, cells: int) -> list[Line]:
    """Who else was told of it, as far as an Alertmanager says."""
    title = heading("Who else was paged", cells)
    if snapshot.pages is None:
        text = 'unknown: set alertmanager = "URL" in the fleet\'s settings'
        return [title, *words(text, cells, before=(Span("  "),), role="dim")]
    mine = [page for page in snapshot.pages.pages if related(page, alert)]
    if not mine:
        number = len(snapshot.pages.pages)
        text = f"nobody about this; Alertmanager holds {number} alert{'s' if number != 1 else ''} in all"
        return [title, *words(text, cells, before=(Span("  "),), role="dim")]
    return [title, *page_rows(snapshot, alert)]
