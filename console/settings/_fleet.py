"""One ``[fleets.NAME]`` table made into a Fleet."""

from console.domain.fleet import Confirm, Fleet, GpuFeeds, Objective, Target, Tls
from console.domain.toml_table import Table
from console.settings._around import Around
from console.settings._freeze import freeze, kubernetes
from console.settings._gateway import gateway
from console.settings._headers import headers
from console.settings._probes import probes
from console.settings._recording import recording
from console.settings._target import METRICS_PORT, feed_url, named, parse_target
from console.settings._words import address

LEAST_REFRESH = 0.1
MOST_REFRESH = 3600.0
_LONGEST_QUIET_MIN = 7 * 24 * 60
_THROUGH_PROMETHEUS = "a fleet seen through Prometheus is not available yet"
_PROMETHEUS_PORT, _ALERTMANAGER_PORT = 9090, 9093


def read_fleet(name: str, table: Table, around: Around, *, needs_targets: bool) -> Fleet:
    """The fleet that the table describes; problems are noted in the table."""
    if table.raw("selector") is not None:
        table.problem("selector", f"{_THROUGH_PROMETHEUS}, so nothing is selected")
    repository, state = table.text("repository"), table.text("state")
    default, objectives = _objectives(table.table("objectives"))
    through, gateway_metrics = gateway(table.table("gateway"), around)
    fleet = Fleet(
        name=name,
        targets=_targets(table, needed=needs_targets),
        headers=headers(table.table("headers"), around),
        refresh=table.number("refresh", 1.0, least=LEAST_REFRESH, most=MOST_REFRESH, unit=" seconds"),
        read_only=table.flag("read_only", default=False),
        confirm=Confirm(table.choice("confirm", tuple(Confirm), Confirm.TYPE)),
        repository=str(around.file(repository)) if repository else None,
        tls=_tls(table.table("tls"), around),
        gpu=_gpu(table.table("gpu")),
        objectives=objectives,
        default_objective=default,
        probes=probes(table.table("probes"), around),
        gateway=through,
        gateway_metrics=gateway_metrics,
        kubernetes=kubernetes(table.table("kubernetes"), around),
        freeze=freeze(table.table("freeze"), around),
        state=str(around.file(state).absolute()) if state else "",
        good_after_s=_good_after(table),
        prometheus=address(table, "prometheus", _PROMETHEUS_PORT, optional=True),
        alertmanager=address(table, "alertmanager", _ALERTMANAGER_PORT, optional=True),
        runbooks=_runbooks(table, around),
        flight=recording(table.table("recording")),
    )
    table.close()
    return fleet


def _good_after(table: Table) -> float | None:
    minutes = table.number("good_after", 0.0, least=1, most=_LONGEST_QUIET_MIN, unit=" minutes")
    return minutes * 60 if minutes else None


def _runbooks(table: Table, around: Around) -> str:
    text = table.text("runbooks")
    if text is None:
        return ""
    folder = around.file(text).absolute()
    if around.chosen and not folder.is_dir():
        table.problem("runbooks", f"no such directory: {folder}")
    return str(folder)


def _targets(table: Table, *, needed: bool) -> tuple[Target, ...]:
    port = table.port("metrics_port", METRICS_PORT)
    targets: dict[str, Target] = {}
    for path, text in table.texts("targets"):
        try:
            target = parse_target(text, port)
        except ValueError as error:
            table.problems.add(path, str(error))
            continue
        if target.url in targets:
            table.problems.add(path, f"{target.url} is listed twice")
        targets.setdefault(target.url, target)
    if needed and table.raw("targets") in (None, []):
        if "prometheus" in table:
            table.problem("prometheus", f"{_THROUGH_PROMETHEUS}; list its servers in targets")
        else:
            table.problem("targets", 'no target; write targets = ["http://HOST:8000"]')
    return named(targets.values())


def _objectives(table: Table) -> tuple[Objective, tuple[tuple[str, Objective], ...]]:
    default = _objective(table.table("default"), Objective())
    found = [(glob, _objective(each, default)) for glob, each in table.tables() if glob != "default"]
    return default, tuple(sorted(found, key=lambda pair: _breadth(pair[0])))


def _breadth(glob: str) -> tuple[bool, int]:
    """Sorts the most specific glob first: no wildcard at all, then the most literal characters."""
    wild = sum(glob.count(sign) for sign in "*?[")
    return wild > 0, wild - len(glob)


def _objective(table: Table, base: Objective) -> Objective:
    objective = Objective(
        latency_ms=table.number("latency_ms", base.latency_ms, least=0.001, unit=" ms"),
        quantile=table.share("quantile", base.quantile),
        availability=table.share("availability", base.availability),
        period_days=table.number("period_days", base.period_days, least=1 / 24, most=3660, unit=" days"),
    )
    table.close()
    return objective


def _tls(table: Table, around: Around) -> Tls:
    verify = table.flag("verify", default=True)
    ca = table.text("ca")
    path = around.file(ca) if ca else None
    if path and around.chosen and not path.is_file():
        table.problem("ca", f"no such file: {path}")
    table.close()
    return Tls(verify, str(path) if path else None)


def _gpu(table: Table) -> GpuFeeds:
    feeds = []
    for path, text in table.texts("dcgm"):
        try:
            feeds.append(feed_url(text))
        except ValueError as error:
            table.problems.add(path, str(error))
    nvml = table.choice("nvml", ("local", "off"), "off")
    table.close()
    return GpuFeeds(tuple(feeds), nvml == "local")
