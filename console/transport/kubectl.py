"""kubectl as a subprocess: no shell, bounded time and output, failures in words."""

import asyncio
import json
import re
import shlex
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from console.domain.kubernetes import Op, Thing
from console.domain.kubernetes_refusal import Refusal, Why, refusal
from console.domain.plan import ControlError
from console.domain.surfaces import Kubernetes
from console.domain.text import visible
from console.transport.process import Ended, run

MANAGER = "triton-console"
OUTPUT_LIMIT = 16 * 2**20
REQUEST_S = 7
# A little more than one request's time: kubectl's own words are better than a kill.
CALL_S = 9.0
_AT_ONCE = 4
_VERSION = re.compile(r"v?\d+\.(\d+)")
_API_VERSION = re.compile(r"v\d+((alpha|beta)\d+)?")
# The first kubectl whose patch reaches a subresource.
_SUBRESOURCE_MINOR = 24


class KubectlError(ControlError):
    """A call of kubectl that did not work; ``why`` is what kind of refusal it was."""

    def __init__(self, told: Refusal) -> None:
        super().__init__(told.message, told.hint)
        self.why = told.why


class Kubectl:
    """One cluster by one kubeconfig context. Credentials stay in the kubeconfig: no argument ever holds one."""

    def __init__(self, settings: Kubernetes) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._minor: int | None = None
        self._versions: dict[str, str] = {}

    def command(self, *arguments: str, namespace: str = "") -> list[str]:
        """The whole command line as an operator would type it."""
        settings = self._settings
        flags = []
        for flag, value in (
            ("--kubeconfig", settings.kubeconfig),
            ("--context", settings.context),
            ("--namespace", namespace),
        ):
            flags += [flag, value] if value else []
        return [settings.kubectl, *flags, *arguments]

    def resource(self, thing: Thing) -> str:
        """The resource as kubectl is asked for it, with the API version once that is known.

        kubectl takes the first part of a longer group for a version, does not find it, and discovers the
        whole cluster anew at each call; in a cluster with many kinds that takes seconds.
        """
        plural, _, group = thing.resource.partition(".")
        version = self._versions.get(group)
        return f"{plural}.{version}.{group}" if version else thing.resource

    def patch_call(self, thing: Thing, ops: Sequence[Op], subresource: str = "") -> str:
        """The command that ``patch`` runs, as text for a shell."""
        return shlex.join(self._patch(thing, ("-p", _text(ops)), subresource))

    async def get(self, thing: Thing) -> Mapping[str, Any]:
        """The object."""
        await self._discover(thing)
        arguments = ("get", self.resource(thing), thing.name, "-o", "json")
        return _object(await self._run(self.command(*arguments, namespace=thing.namespace)))

    async def items(
        self, resource: str, namespace: str, labels: Mapping[str, str]
    ) -> list[Mapping[str, Any]]:
        """Every object of a kind that carries the labels."""
        selector = ("-l", ",".join(f"{key}={value}" for key, value in labels.items())) if labels else ()
        arguments = ("get", resource, *selector, "-o", "json")
        items = _object(await self._run(self.command(*arguments, namespace=namespace))).get("items")
        return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []

    async def selected(self, resource: str, namespace: str, selector: str) -> bytes:
        """Every object of a kind that a label selector picks, as JSON that nobody has read yet."""
        arguments = ("get", resource, f"--selector={selector}", "-o", "json")
        return await self._run(self.command(*arguments, namespace=namespace))

    async def patch(
        self, thing: Thing, ops: Sequence[Op], subresource: str = "", *, private: bool = False
    ) -> None:
        """Send a JSON patch. A ``private`` one goes by standard input, where no process list shows it."""
        await self._discover(thing)
        how = ("--patch-file", "/dev/stdin") if private else ("-p", _text(ops))
        stdin = _text(ops).encode() if private else None
        await self._run(self._patch(thing, how, subresource), stdin)

    async def allowed(self, verb: str, thing: Thing, subresource: str = "") -> bool:
        """Whether the cluster says that this login may; raises KubectlError where it cannot be asked."""
        await self._discover(thing)
        sub = (f"--subresource={subresource}",) if subresource else ()
        arguments = ("auth", "can-i", verb, f"{self.resource(thing)}/{thing.name}", *sub)
        command = self.command(*arguments, namespace=thing.namespace)
        code, output, errors, _ = await self._finished(command, None)
        answer = output.decode(errors="replace").strip().partition(" ")[0]
        if answer not in {"yes", "no"}:
            raise KubectlError(_refused(code, errors))
        return answer == "yes"

    async def patches_subresources(self) -> bool:
        """Whether this kubectl can patch a ``status``."""
        if self._minor is None:
            output = await self._run([self._settings.kubectl, "version", "--client", "-o", "json"])
            version = _object(output).get("clientVersion")
            said = version.get("gitVersion") if isinstance(version, Mapping) else None
            match = _VERSION.match(str(said))
            self._minor = int(match[1]) if match else 0
        return self._minor >= _SUBRESOURCE_MINOR

    async def _discover(self, thing: Thing) -> None:
        group = thing.resource.partition(".")[2]
        if "." not in group or group in self._versions:
            return
        try:
            found = _object(await self._run(self.command("get", "--raw", f"/apis/{group}")))
        except KubectlError as error:
            if error.why is Why.UNKNOWN_KIND:
                told = f"the cluster has no {thing.resource}"
                hint = "is this the right cluster, and is that part installed?"
                raise KubectlError(Refusal(Why.UNKNOWN_KIND, told, hint)) from error
            if error.why not in {Why.FORBIDDEN, Why.OTHER}:
                raise
            # Then the call itself has to find out.
            return
        preferred = found.get("preferredVersion")
        version = preferred.get("version") if isinstance(preferred, Mapping) else None
        self._versions[group] = str(version) if _API_VERSION.fullmatch(str(version)) else ""

    def _patch(self, thing: Thing, how: Sequence[str], subresource: str) -> list[str]:
        sub = (f"--subresource={subresource}",) if subresource else ()
        arguments = (
            "patch",
            self.resource(thing),
            thing.name,
            *sub,
            "--type=json",
            f"--field-manager={MANAGER}",
        )
        return self.command(*arguments, *how, namespace=thing.namespace)

    async def _run(self, command: Sequence[str], stdin: bytes | None = None) -> bytes:
        code, output, errors, flooded = await self._finished(command, stdin)
        if flooded:
            told = f"kubectl printed more than {OUTPUT_LIMIT >> 20} MB, which was not read"
            raise KubectlError(Refusal(Why.OTHER, told, "is this kubectl?"))
        if code:
            raise KubectlError(_refused(code, errors))
        return output

    async def _finished(self, command: Sequence[str], stdin: bytes | None) -> Ended:
        bounded = (command[0], f"--request-timeout={REQUEST_S}s", *command[1:])
        async with self._slots:
            try:
                return await run(bounded, stdin, CALL_S, OUTPUT_LIMIT)
            except TimeoutError as error:
                raise KubectlError(_too_late()) from error
            except FileNotFoundError as error:
                told = f"{visible(command[0], 80)} is not installed"
                hint = "install kubectl, or set kubernetes.kubectl to its path"
                raise KubectlError(Refusal(Why.SETTINGS, told, hint)) from error
            except OSError as error:
                told = f"{visible(command[0], 80)} cannot be started: {error.strerror or error}"
                raise KubectlError(
                    Refusal(Why.SETTINGS, told, "set kubernetes.kubectl to its path")
                ) from error


def _too_late() -> Refusal:
    told = f"kubectl was stopped after {CALL_S:.0f} s without an answer"
    return Refusal(Why.TIMEOUT, told, "check the VPN or the tunnel, and that its login needs no keyboard")


def _refused(code: int, errors: bytes) -> Refusal:
    if code < 0:
        return Refusal(Why.OTHER, f"kubectl was ended by {_signal(-code)}", "run it by hand")
    return refusal(errors.decode(errors="replace"))


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        # Those between the first and the last real-time signal have no names.
        return f"signal {number}"


def _object(output: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(output)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, Mapping):
        raise KubectlError(Refusal(Why.OTHER, "kubectl printed no JSON object", "is this kubectl?"))
    return parsed


def _text(ops: Sequence[Op]) -> str:
    return json.dumps(list(ops), separators=(",", ":"))
