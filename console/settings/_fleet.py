"""One ``[fleets.NAME]`` table made into a Fleet."""

from console.domain.fleet import Confirm, Fleet, GpuFeeds, Objective, Target
from console.domain.toml_table import Table
from console.settings._around import Around, is_folder
from console.settings._freeze import freeze, kubernetes
from console.settings._gateway import gateway
from console.settings._headers import headers
from console.settings._probes import probes
from console.settings._prometheus import access, discovery, grouping, selector
from console.settings._recording import recording
from console.settings._target import METRICS_PORT, feed_url, named, parse_target
from console.settings._tls import tls
from console.settings._words import address

LEAST_REFRESH = 0.1
MOST_REFRESH = 3600.0
_LONGEST_QUIET_MIN = 7 * 24 * 60
# Nothing new is known more often than it is scraped.
_SCRAPED_S = 5.0
_PROMETHEUS_PORT, _ALERTMANAGER_PORT = 9090, 9093


def read_fleet(name: str, table: Table, around: Around, *, needs_targets: bool) -> Fleet:
    """The fleet that the table describes; problems are noted in the table."""
    found = discovery(table.table("discovery"))
    listed = table.raw("targets") not in (None, [])
    through = "prometheus" in table and not listed and not found
    repository, state = table.text("repository"), table.text("state")
    default, objectives = _objectives(table.table("objectives"))
    way, gateway_metrics = gateway(table.table("gateway"), around)
    fleet = Fleet(
        name=name,
        targets=_targets(table, needed=needs_targets and not (through or found)),
        headers=headers(table.table("headers"), around),
        refresh=table.number(
            "refresh", _SCRAPED_S if through else 1.0, least=LEAST_REFRESH, most=MOST_REFRESH, unit=" seconds"
        ),
        read_only=table.flag("read_only", default=False),
        confirm=Confirm(table.choice("confirm", tuple(Confirm), Confirm.TYPE)),
        repository=str(around.file(repository)) if repository else None,
        tls=tls(table.table("tls"), around),
        gpu=_gpu(table.table("gpu")),
        objectives=objectives,
        default_objective=default,
        probes=probes(table.table("probes"), around),
        gateway=way,
        gateway_metrics=gateway_metrics,
        kubernetes=kubernetes(table.table("kubernetes"), around),
        freeze=freeze(table.table("freeze"), around),
        state=str(around.file(state).absolute()) if state else "",
        good_after_s=_good_after(table),
        prometheus=address(table, "prometheus", _PROMETHEUS_PORT, optional=True),
        alertmanager=address(table, "alertmanager", _ALERTMANAGER_PORT, optional=True),
        runbooks=_folder(table, "runbooks", around),
        flight=recording(table.table("recording")),
        prometheus_access=access(table.table("prometheus_access"), around),
        through_prometheus=through,
        selector=selector(table, "selector"),
        by=grouping(table),
        discovery=found,
        contracts=_folder(table, "contracts", around),
    )
    _check_prometheus(table, fleet)
    table.close()
    return fleet


def _check_prometheus(table: Table, fleet: Fleet) -> None:
    """What only a fleet with a Prometheus, or one seen through it, can have."""
    for key, given in (("selector", fleet.selector), ("by", fleet.by)):
        if given and not fleet.through_prometheus:
            table.problem(
                key,
                "is of a fleet seen through Prometheus: one with prometheus, and without targets or discovery",
            )
    if not fleet.prometheus and ("prometheus_access" in table or fleet.discovery.prometheus):
        key = "discovery" if fleet.discovery.prometheus else "prometheus_access"
        table.problem(key, 'needs prometheus = "http://HOST:9090"')


def _good_after(table: Table) -> float | None:
    minutes = table.number("good_after", 0.0, least=1, most=_LONGEST_QUIET_MIN, unit=" minutes")
    return minutes * 60 if minutes else None


def _folder(table: Table, key: str, around: Around) -> str:
    text = table.text(key)
    if text is None:
        return ""
    folder = around.file(text).absolute()
    if around.chosen and not is_folder(folder):
        table.problem(key, f"no such directory: {folder}")
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
