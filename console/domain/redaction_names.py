"""Where names of hosts and people stand in what the console knows."""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

from console.domain.around import GatewayReading, LinkReading, PagesReading, WorkloadReading
from console.domain.contract import Contract, ContractReading
from console.domain.fleet import Fleet, Target
from console.domain.gpu import GpuReading, GpuSample
from console.domain.incident import Incident, IncidentReading
from console.domain.journal import JournalNews, Record
from console.domain.lock import Lock, LockReading
from console.domain.marker import Marker
from console.domain.recording import Frame, Session, Silence
from console.domain.release import Release
from console.domain.sample import Sample
from console.domain.surfaces import Envoy, Haproxy
from console.domain.triage import Overrule, Walk
from console.domain.triton import TritonReading

# Labels of alerts that name a place.
_PLACES = ("instance", "node", "host", "hostname", "nodename", "kubernetes_node")


class Kind(Enum):
    """What a name is of; models' names are told so that they are left alone."""

    HOST = "host"
    TARGET = "target"
    POD = "pod"
    PERSON = "user"
    MODEL = "model"


Found = Iterator[tuple[Kind, str]]


def names(value: object) -> Found:
    """Every name in a value of the console, or in several of them; none for what has none."""
    look = _LOOKS.get(type(value))
    if look is not None:
        yield from look(value)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from names(each)


def _hosts(addresses: Iterable[str]) -> Found:
    for address in addresses:
        host = host_of(address)
        if host:
            yield Kind.HOST, host


def host_of(address: str) -> str:
    """The host of a URL, of ``HOST:PORT`` or of a bare name; empty for a path."""
    if not address or address.startswith(("/", ".")):
        return ""
    try:
        return urlsplit(address if "://" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def _fleet(fleet: Fleet) -> Found:
    for target in fleet.targets:
        yield from _target(target)
    yield from _hosts((*fleet.gpu.dcgm, fleet.prometheus, fleet.alertmanager, fleet.gateway_metrics))
    match fleet.gateway:
        case Envoy(admin=address) | Haproxy(socket=address):
            yield from _hosts((address,))
    if "://" in fleet.freeze.deploy_lock:
        yield from _hosts((fleet.freeze.deploy_lock,))


def _target(target: Target) -> Found:
    host = host_of(target.url)
    yield from _hosts((target.url, target.metrics, target.grpc or ""))
    # A name that is made of its host is replaced with it.
    if not host or host.casefold() not in target.name.casefold():
        yield Kind.TARGET, target.name


def _gpu(gpu: GpuSample) -> Found:
    yield Kind.HOST, gpu.node
    yield Kind.POD, gpu.pod


def _triton(reading: TritonReading) -> Found:
    for entry in reading.index or ():
        yield Kind.MODEL, entry.model
    for key in reading.counters.keys if reading.counters else ():
        yield Kind.MODEL, key.model
    for gpu in reading.gpus:
        yield from _gpu(gpu)


def _pages(reading: PagesReading) -> Found:
    yield from _hosts((reading.url,))
    for page in reading.pages:
        yield from _hosts((page.url, *(page.labels.get(name, "") for name in _PLACES)))
        if page.labels.get("pod"):
            yield Kind.POD, page.labels["pod"]


def _workload(reading: WorkloadReading) -> Found:
    for image in (*reading.images.values(), *reading.before.values()):
        registry, slash, _ = image.partition("/")
        if slash and ("." in registry or ":" in registry):
            yield from _hosts((registry,))


def _record(record: Record) -> Found:
    yield Kind.PERSON, record.who
    runner, targets = record.body.get("runner"), record.body.get("targets")
    if isinstance(runner, Mapping):
        yield Kind.HOST, str(runner.get("host", ""))
    if isinstance(targets, Mapping):
        for text in targets.values():
            yield from _hosts((str(text).partition(",")[0],))


def _incident(incident: Incident) -> Found:
    yield Kind.PERSON, incident.by
    yield Kind.PERSON, incident.closed_by


def _walk(walk: Walk) -> Found:
    for step in (*walk.path, *((walk.recovery,) if walk.recovery else ())):
        if step.overruled:
            yield Kind.PERSON, step.overruled.who


def _contract(contract: Contract) -> Found:
    said = contract.escalation
    for who in (contract.owner, said.primary, said.secondary, said.channel):
        yield Kind.PERSON, who
    yield from _hosts((said.url,))


def _lock(lock: Lock) -> Found:
    yield Kind.PERSON, lock.who


_LOOKS: dict[type, Any] = {
    Fleet: _fleet,
    Session: lambda session: _fleet(session.fleet),
    Target: _target,
    Frame: lambda frame: names(frame.inputs),
    Sample: lambda sample: names(sample.reading),
    TritonReading: _triton,
    GpuReading: lambda reading: names(reading.gpus),
    GpuSample: _gpu,
    LinkReading: lambda reading: _hosts((reading.address,)),
    PagesReading: _pages,
    WorkloadReading: _workload,
    GatewayReading: lambda reading: _hosts((reading.query,) if "://" in reading.query else ()),
    ContractReading: lambda reading: names(reading.contracts),
    Contract: _contract,
    LockReading: lambda reading: names(reading.lock),
    Lock: _lock,
    JournalNews: lambda news: names(news.records),
    Record: _record,
    Incident: _incident,
    IncidentReading: lambda reading: names(reading.incidents),
    Silence: lambda silence: iter(((Kind.PERSON, silence.who),)),
    Overrule: lambda overrule: iter(((Kind.PERSON, overrule.who),)),
    Release: lambda release: iter(((Kind.PERSON, release.who),)),
    Walk: _walk,
    Marker: lambda _: iter(()),
}
