"""What a Prometheus scrapes, and which of that are servers to ask."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from console.domain.fleet import Discovery, Target
from console.domain.found import Found
from console.domain.reach import direct_target

MOST = 5000
"""So many servers are asked at most."""

_NAME = "__name__"
# Scraped through somebody else, who would be asked in its place.
_THROUGH_OTHERS = ("/api/v1/", "/federate")

Labels = Mapping[str, str]


class Scraped(NamedTuple):
    """One thing that is scraped: its labels, and where, if that is known."""

    labels: Labels
    url: str = ""


def found_scraped(scraped: Sequence[Scraped], tritons: Collection[str], wanted: Discovery) -> Found:
    """Those that have a Triton's series, by their ``instance``; where none has any, those at the port of metrics.

    A server that is down has no series: it counts where others of its job have some.
    """
    jobs = {each.labels.get("job", "") for each in scraped if _instance(each) in tritons}
    mine = [each for each in scraped if _is_triton(each, tritons, jobs, wanted)]
    made = [_target(each, wanted) for each in mine]
    targets = tuple(dict.fromkeys(target for target in made if target is not None))
    left_out = [
        *_counted(len(scraped) - len(mine), "without a series of Triton"),
        *_counted(made.count(None), "whose address is unknown"),
        *_counted(len(targets) - MOST, f"beyond {MOST}"),
    ]
    notes = tuple(f"left out: {said}" for said in left_out if "series" not in said)
    return Found(targets[:MOST], notes, tuple(left_out))


def _instance(scraped: Scraped) -> str:
    return scraped.labels.get("instance", "")


def _is_triton(each: Scraped, tritons: Collection[str], jobs: Collection[str], wanted: Discovery) -> bool:
    if tritons:
        # Of one job two ports may be scraped: another exporter beside a server has no series of it either.
        alike = each.labels.get("job", "") in jobs and _port(each) in {_port_of(one) for one in tritons}
        return _instance(each) in tritons or alike
    return _port(each) == wanted.metrics_port


def _port(scraped: Scraped) -> int | None:
    return _port_of(scraped.url or _instance(scraped))


def _port_of(address: str) -> int | None:
    try:
        return urlsplit(address if "://" in address else f"//{address}").port
    except ValueError:
        return None


def _target(scraped: Scraped, wanted: Discovery) -> Target | None:
    address = _instance(scraped)
    labels = {key: text for key, text in scraped.labels.items() if key != _NAME}
    found = direct_target(address, labels, wanted.port, wanted.metrics_port, wanted.grpc_port)
    split = _split(scraped.url)
    if split is None:
        return found
    scheme, netloc = split
    told = direct_target(f"{scheme}://{netloc}", labels, wanted.port, wanted.metrics_port, wanted.grpc_port)
    return found if told is None else replace(told, metrics=scraped.url)


def _split(url: str) -> tuple[str, str] | None:
    """Scheme and place of what is scraped there itself; None where that is not known."""
    try:
        split = urlsplit(url)
        itself = not split.path.startswith(_THROUGH_OTHERS) and split.username is None
    except ValueError:
        return None
    return (split.scheme, split.netloc) if itself and split.scheme in {"http", "https"} else None


def _counted(number: int, what: str) -> list[str]:
    return [f"{number} {what}"] if number > 0 else []
