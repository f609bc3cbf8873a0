"""Whether a version serves: server ready, version ready, one inference, expected config and metadata."""

import json
from collections.abc import Sequence
from dataclasses import replace

from console.domain.failure import SourceError
from console.domain.fleet import Fleet, ModelVersion, Probe, Target
from console.domain.model_change import config_digest
from console.domain.plan import Check
from console.domain.probe import ProbeOutcome
from console.domain.release import Release
from console.domain.run import Verdict
from console.domain.serving import Serving
from console.domain.snapshot import Snapshot
from console.domain.synthetic import CannotGuessError, disagreement, synthetic_request
from console.domain.text import visible
from console.domain.triton import IndexEntry, State
from console.domain.versions import is_trouble
from console.sources._asking import asked
from console.sources._terms import Terms
from console.sources.probe import ProbeSource
from console.transport.kit import Kit
from console.transport.triton_client import TritonClient, addressable

INFER_S = 10.0
NAMES = ("server_ready", "version_ready", "inference", "expected_config", "expected_metadata")
# A server answers 400 to an input that it refuses; anything else is no fault of a made-up request.
_REFUSED_INPUT = "HTTP 400"


class Readiness:
    """``ports.Verifier`` over a fleet's own targets; verdicts are in the order of NAMES."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self._fleet = fleet
        self._kit = kit
        self._terms = Terms(fleet, kit)

    async def verify(self, check: Check, release: Release | None) -> tuple[Verdict, ...]:
        """The checks of one version on one target, an empty version being any; never raises."""
        targets = self._kit.roster.of(self._fleet)
        target = next((each for each in targets if each.name == check.target), None)
        subject = f"{check.target}: {ModelVersion(check.model, check.version).label}"
        if target is None or not addressable(check.model):
            said = "no such target" if target is None else "Triton cannot be asked for this name"
            return tuple(Verdict(name, subject, passed=False, detail=said) for name in NAMES)
        try:
            return await _Look(self._fleet, self._kit, target, check).verdicts(release, subject)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            said = f"an answer could not be read: {type(error).__name__}: {visible(str(error), 120)}"
            return tuple(Verdict(name, subject, passed=None, detail=said) for name in NAMES)

    async def contract(self, model: str, version: str, seen: Snapshot | None) -> tuple[Verdict, ...]:
        """How each clause of the model's contract stands; see ``Terms``."""
        return await self._terms.verdicts(model, version, seen)


class _Look:
    """One verification."""

    def __init__(self, fleet: Fleet, kit: Kit, target: Target, check: Check) -> None:
        self._fleet = fleet
        self._kit = kit
        self._target = target
        self._check = check
        self._client = TritonClient(target.url, kit.http)

    async def verdicts(self, release: Release | None, subject: str) -> tuple[Verdict, ...]:
        try:
            ready, index, serving = await asked(self._client, self._check.model)
        except SourceError as error:
            return tuple(Verdict(name, subject, passed=None, detail=str(error)) for name in NAMES)
        version = _version_ready(serving, self._check.version)
        found = (
            _server_ready(ready, index, serving_well=version[0] is True),
            version,
            await self._inference(serving) if version[0] else (None, "not asked: it is not ready"),
            _expected_config(serving, release),
            _expected_metadata(serving),
        )
        return tuple(
            Verdict(name, subject, passed=passed, detail=visible(detail, 400))
            for name, (passed, detail) in zip(NAMES, found, strict=True)
        )

    async def _inference(self, serving: Serving) -> tuple[bool | None, str]:
        probe = self._probe(serving)
        if isinstance(probe, str):
            return None, f"no request can be made up: {probe}; set a probe for it"
        guessed = probe.model not in {known.model for known in self._fleet.probes}
        reading = await ProbeSource(probe, self._target, self._kit).poll()
        if reading.outcome is ProbeOutcome.OK:
            expected = "" if guessed else ", as the probe expects" if probe.expect else ""
            return True, f"version {reading.version} answered in {reading.took_ms:.0f} ms{expected}"
        if guessed and reading.outcome is ProbeOutcome.ERROR and reading.detail.startswith(_REFUSED_INPUT):
            return None, f"a made-up request was refused: {reading.detail}; set a probe for it"
        return False, f"{reading.outcome.value}: {reading.detail}" + (
            "; the request was made up" if guessed else ""
        )

    def _probe(self, serving: Serving) -> Probe | str:
        """The fleet's probe of the model, else a request made up from its metadata, else why there is none."""
        version = self._check.version or None
        mine = [probe for probe in self._fleet.probes if probe.model == self._check.model]
        exact = [probe for probe in mine if probe.version == version] or [
            p for p in mine if p.version is None
        ]
        if exact or (mine and version is None):
            return replace((exact or mine)[0], version=version or (exact or mine)[0].version)
        try:
            request = synthetic_request(serving.metadata or {}, serving.config)
        except CannotGuessError as error:
            return str(error)
        return Probe(self._check.model, request, timeout=INFER_S, version=version)


def _server_ready(
    ready: bool,  # noqa: FBT001 - what the server said
    index: Sequence[IndexEntry],
    *,
    serving_well: bool,
) -> tuple[bool, str]:
    if ready:
        return True, ""
    moving = [e for e in index if e.state in {State.LOADING, State.UNLOADING}]
    failed = [e for e in index if is_trouble(e.state, e.reason)]
    if moving:
        why = f"{_label(moving[0])} is {moving[0].state.value}"
    elif failed:
        why = f"a load of {_label(failed[0])} failed, and it stays so until that very version loads"
    else:
        why = "the index does not say why"
    aside = "; the version asked for serves all the same" if serving_well else ""
    return False, f"/v2/health/ready says 400: {why}{aside}"


def _label(entry: IndexEntry) -> str:
    return visible(ModelVersion(entry.model, entry.version).label, 80)


def _version_ready(serving: Serving, version: str) -> tuple[bool, str]:
    if version in serving.ready or (not version and serving.ready):
        return True, "" if version else f"version {', '.join(serving.ready)}"
    if serving.moving:
        return False, serving.moving
    if version in serving.failed:
        return False, f"its load failed: {serving.failed[version]}"
    instead = f"version {', '.join(serving.ready)} is" if serving.ready else "no version is"
    return False, f"not ready; {instead}"


def _expected_config(serving: Serving, release: Release | None) -> tuple[bool | None, str]:
    """The version policy is left out: what Triton says of it is out of date after a change in place."""
    known = release.model(serving.model) if release else None
    if release is None or known is None or not known.config:
        return None, "no known-good release to compare with"
    if serving.config is None:
        return False, "no config is served"
    if config_digest(serving.config) == config_digest(json.loads(known.config)):
        return True, f"as in release {release.id}"
    good = json.loads(known.config)
    keys = sorted(
        k for k in {*good, *serving.config} - {"version_policy"} if good.get(k) != serving.config.get(k)
    )
    return False, f"not as in release {release.id}: {', '.join(keys)}"


def _expected_metadata(serving: Serving) -> tuple[bool | None, str]:
    if serving.metadata is None or serving.config is None:
        return False, "the server tells nothing of it"
    said = disagreement(serving.metadata, serving.config)
    return not said, said
