"""Which clauses of a contract hold, by what a server says of the model: pure, and without asking the model anything."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from console.domain.config import read_config
from console.domain.contract import Clause, Contract, Envelope
from console.domain.contract_artifact import FORMATS
from console.domain.contract_found import Finding, clause
from console.domain.contract_served import item_shapes, served_tensors
from console.domain.contract_shapes import io_findings, request_findings
from console.domain.text import visible

IO, BACKEND, ARTIFACT = "contract.io", "contract.backend", "contract.artifact"
RESOURCES, REQUESTS, ROLLOUT = "contract.resources", "contract.requests", "contract.rollout"
FILE = "contract.file"

_MODEL = 60
_KINDS = {"KIND_GPU": "GPU", "KIND_CPU": "CPU"}


class Served(NamedTuple):
    """What one server says of the model: its config and metadata (None: not known), and the versions that it names.

    ``kept`` is how many versions the repository holds, None where it cannot be read.
    """

    config: Mapping[str, Any] | None
    metadata: Mapping[str, Any] | None = None
    versions: tuple[str, ...] = ()
    kept: int | None = None


def judged(contract: Contract, served: Served) -> tuple[Clause, ...]:
    """How each clause stands that the contract makes and that a config can tell about, in the order of the file."""
    return tuple(_clauses(contract, served))


def file_clause(contract: Contract) -> Clause | None:
    """That the contract can be understood, None where there is nothing to say against it."""
    if not contract.problems:
        return None
    return Clause(FILE, passed=False, detail="; ".join(contract.problems))


def _clauses(contract: Contract, served: Served) -> Iterator[Clause]:
    config = served.config
    if contract.backend:
        yield clause(BACKEND, [_unserved()] if config is None else [_backend(contract.backend, config)])
    if contract.artifact and contract.artifact.format:
        said = [_unserved()] if config is None else [_format(contract.artifact.format, config)]
        yield clause(ARTIFACT, said)
    if contract.io:
        yield clause(
            IO, [_unserved()] if config is None else io_findings(contract.io, *served_tensors(served))
        )
    if contract.envelope and _shaped(contract.envelope):
        yield clause(RESOURCES, [_unserved()] if config is None else _instances(contract.envelope, config))
    if contract.requests:
        found = [_unserved()] if config is None else _requests(contract, config)
        yield clause(REQUESTS, found)
    if contract.rollout.versions is not None:
        yield clause(ROLLOUT, [_versions(contract.rollout.versions, served)])


def _unserved() -> Finding:
    return Finding(None, "no config is served: load the model")


def _backend(wanted: str, config: Mapping[str, Any]) -> Finding:
    known = {str(config.get(key) or "") for key in ("backend", "platform")} - {""}
    if wanted in known:
        return Finding(passed=True, said=visible(wanted, _MODEL))
    if not known:
        return Finding(None, "the config names no backend")
    served = visible(str(config.get("backend") or config.get("platform")), _MODEL)
    return Finding(passed=False, said=f"contract says {visible(wanted, _MODEL)}, server says {served}")


def _format(wanted: str, config: Mapping[str, Any]) -> Finding:
    known = FORMATS[wanted]
    file = str(config.get("default_model_filename") or "")
    served = {str(config.get(key) or "") for key in ("platform", "backend")} - {""}
    if not known.served_by:
        return Finding(passed=True, said=f"{wanted}: any backend")
    if served and not served & set(known.served_by):
        said = visible(" and ".join(sorted(served)), _MODEL)
        return Finding(passed=False, said=f"contract says {wanted}, server serves it with {said}")
    if file and known.ending and not file.endswith(known.ending):
        name = visible(file, _MODEL)
        return Finding(
            passed=False, said=f"contract says {wanted} (*{known.ending}), server's file is {name}"
        )
    return Finding(passed=True, said=wanted) if served else Finding(None, "the config names no backend")


def _shaped(envelope: Envelope) -> bool:
    """Whether a config can tell about any of it."""
    return bool(envelope.kind) or envelope.instances_least is not None or envelope.instances_most is not None


def _instances(envelope: Envelope, config: Mapping[str, Any]) -> Iterator[Finding]:
    facts = read_config(config)
    least, most = envelope.instances_least, envelope.instances_most
    if facts.composing:
        yield Finding(None, "an ensemble has no instances of its own: its parts have contracts of theirs")
        return
    if least is not None or most is not None:
        yield _count(facts.instances, least, most)
    if envelope.kind:
        yield _kind(envelope.kind, config)


def _count(served: int, least: int | None, most: int | None) -> Finding:
    wanted = f"{least}" if least == most else f"{least or 0} to {'any' if most is None else most}"
    # One group may stand for an instance on each GPU: how many those are is not in the config.
    good = (least is None or served >= least) and (most is None or served <= most)
    if good:
        return Finding(passed=True, said=f"{served} of {wanted} instances")
    return Finding(passed=False, said=f"contract says {wanted} instances, server says {served}")


def _kind(wanted: str, config: Mapping[str, Any]) -> Finding:
    groups = config.get("instance_group")
    rows = [row for row in groups if isinstance(row, Mapping)] if isinstance(groups, list) else []
    kinds = {str(row.get("kind") or "KIND_AUTO") for row in rows}
    other = sorted(kinds - {key for key, name in _KINDS.items() if name == wanted})
    if not kinds or set(other) & {"KIND_AUTO", "KIND_MODEL"}:
        return Finding(None, f"contract says {wanted}, the config leaves it to the server")
    if other:
        return Finding(
            passed=False, said=f"contract says {wanted}, server says {_KINDS.get(other[0], other[0])}"
        )
    return Finding(passed=True, said=f"on {wanted}")


def _requests(contract: Contract, config: Mapping[str, Any]) -> Iterator[Finding]:
    return request_findings(contract.requests, read_config(config).max_batch, item_shapes(config))


def _versions(wanted: int, served: Served) -> Finding:
    known = max(served.kept or 0, len(served.versions))
    if known >= wanted:
        where = "in the repository" if (served.kept or 0) >= wanted else "known to the server"
        return Finding(passed=True, said=f"{known} versions {where}, {wanted} to be kept")
    if served.kept is None:
        said = (
            f"the server names {known} of {wanted} versions to be kept; set repository to see what lies there"
        )
        return Finding(None, said)
    return Finding(
        passed=False, said=f"contract says {wanted} versions are kept, the repository holds {served.kept}"
    )
