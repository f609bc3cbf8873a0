"""What kubectl says when something does not work, in words that say what to do."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from console.domain.text import visible


class Why(StrEnum):
    """The kinds of refusal that lead to different advice."""

    FORBIDDEN = "forbidden"
    LOGIN = "login"
    ABSENT = "absent"
    UNKNOWN_KIND = "unknown kind"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    INVALID = "invalid"
    UNSUPPORTED = "unsupported"
    UNREACHABLE = "unreachable"
    SETTINGS = "settings"
    TIMEOUT = "timeout"
    OTHER = "other"


class Refusal(NamedTuple):
    """One failed call of kubectl: what kind, what, and what to do."""

    why: Why
    message: str
    hint: str = ""


_LIMIT = 300
# What is looked through for words that are known: a program that is no kubectl prints anything.
_AT_AN_END, _LONGEST = 10, 1000
_NOISE = re.compile(r"^(Warning: |[EWI]\d{4} |WARNING: )")
_OBJECT = re.compile(r"[{\[].*")
_FORBIDDEN = re.compile(
    r'(?<!\S)(?P<what>\S++(?: "[^"]*")?) is forbidden: User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource '
    r'"(?P<resource>[^"]*)" in API group "(?P<group>[^"]*)" '
    r'(?:in the namespace "(?P<namespace>[^"]*)"|at the cluster scope)'
)
ANONYMOUS = "system:anonymous"


def refusal(stderr: str) -> Refusal:
    """What the text on kubectl's standard error means."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    told = [line for line in lines if not _NOISE.match(line)] or lines
    if len(told) > 2 * _AT_AN_END:
        told = [*told[:_AT_AN_END], *told[-_AT_AN_END:]]
    told = [line[:_LONGEST] for line in told]
    text = " ".join(told)
    for pattern, tell in _TELLING:
        match = pattern.search(text)
        if match:
            return tell(match)
    # Only the last line: what a login plugin prints before it is its own, and may hold anything.
    # Nor is an object shown that kubectl complains of: it may hold secrets.
    said = visible(_OBJECT.sub("…", told[-1]), _LIMIT) if told else "kubectl failed and said nothing"
    return Refusal(Why.OTHER, said, "run the same kubectl command by hand")


def _forbidden(match: re.Match[str]) -> Refusal:
    resource, _, sub = match["resource"].partition("/")
    full = ".".join(part for part in (resource, match["group"]) if part) + (f"/{sub}" if sub else "")
    where = f"in {visible(match['namespace'], 80)}" if match["namespace"] else "in the whole cluster"
    verb = visible(match["verb"], 30)
    user = visible(match["user"], 100)
    message = f"{user} may not {verb} {visible(match['what'], 120)} {where}"
    if match["user"] == ANONYMOUS:
        return Refusal(
            Why.FORBIDDEN, message, "kubectl sent no credentials: give the context a user in the kubeconfig"
        )
    return Refusal(Why.FORBIDDEN, message, f"ask for {verb} on {visible(full, 120)} {where}")


def _as(why: Why, message: str, hint: str) -> Callable[[re.Match[str]], Refusal]:
    """A refusal whose sentences may hold what the pattern found."""

    def tell(match: re.Match[str]) -> Refusal:
        found = visible(match[match.lastindex], _LIMIT) if match.lastindex else ""
        return Refusal(why, message.format(found), hint.format(found))

    return tell


_TELLING: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Refusal]], ...] = (
    (_FORBIDDEN, _forbidden),
    (
        re.compile(r"\(Forbidden\): (.*)"),
        _as(Why.FORBIDDEN, "{}", "ask whoever grants rights in this cluster"),
    ),
    (
        re.compile(r"getting credentials: exec: (.*?)(?:$| - )"),
        _as(Why.LOGIN, "the login command of the kubeconfig failed: {}", "log in by hand, then try again"),
    ),
    (
        re.compile(r"^error: EOF$"),
        _as(
            Why.LOGIN,
            "the kubeconfig has no credentials for this context, and kubectl asked for a name",
            "give the context a user in the kubeconfig",
        ),
    ),
    (
        re.compile(r"\(Unauthorized\)|must be logged in|asked for the client to provide credentials"),
        _as(Why.LOGIN, "the cluster does not accept these credentials", "log in again, or renew the token"),
    ),
    (
        re.compile(r"doesn't have a resource type \"([^\"]*)\"|no matches for kind \"([^\"]*)\""),
        _as(
            Why.UNKNOWN_KIND,
            "the cluster has no such kind: {}",
            "is this the right cluster, and is that part installed?",
        ),
    ),
    (
        re.compile(r"could not find the requested resource|404 page not found"),
        _as(
            Why.UNKNOWN_KIND,
            "the cluster has no such kind or API version",
            "is this the right cluster, and is that part installed?",
        ),
    ),
    (
        re.compile(r"\(NotFound\): (.*? not found)"),
        _as(Why.ABSENT, "{}", "check name, namespace and context in the settings"),
    ),
    (
        re.compile(r"\((?:Conflict|AlreadyExists)\): (.*)"),
        _as(Why.CONFLICT, "{}", "somebody changed it at the same time: look, and plan again"),
    ),
    (
        re.compile(r"\(UnsupportedMediaType\): |is not supported by .*media types|unknown format"),
        _as(Why.UNSUPPORTED, "the cluster does not take this kind of patch here", "look at the kind"),
    ),
    (
        re.compile(r"^The request is invalid(?:$|: the server rejected our request)"),
        _as(Why.REJECTED, "the cluster refused the patch: it is no longer as it was read", "plan again"),
    ),
    (
        re.compile(r"^The (\S+ \"[^\"]*\" is invalid: .*)"),
        _as(Why.INVALID, "{}", "the cluster checks this value: choose another"),
    ),
    (
        re.compile(r"unknown flag: (\S+)"),
        _as(Why.UNSUPPORTED, "this kubectl has no {}", "install a newer kubectl"),
    ),
    (
        re.compile(r"context \"?([^\"\s]+)\"? does not exist|not found for specified context: (\S+)"),
        _as(
            Why.SETTINGS,
            "the kubeconfig has no such context: {}",
            "see `kubectl config get-contexts`, and set kubernetes.context",
        ),
    ),
    (
        re.compile(r"error loading config file|no configuration has been provided|stat .*: no such file"),
        _as(Why.SETTINGS, "kubectl cannot read its kubeconfig", "set kubernetes.kubeconfig, or KUBECONFIG"),
    ),
    (
        re.compile(r"connection to the server (\S+) was refused"),
        _as(
            Why.UNREACHABLE,
            "the cluster at {} refuses connections",
            "check the server in the kubeconfig, the VPN or the tunnel",
        ),
    ),
    (
        re.compile(r"x509: ([^\n]*)"),
        _as(Why.UNREACHABLE, "the cluster's certificate is not trusted: {}", "check the kubeconfig's CA"),
    ),
    (
        re.compile(r"deadline exceeded|Client\.Timeout|i/o timeout|handshake timeout|\(Timeout\)"),
        _as(Why.TIMEOUT, "the cluster did not answer in time", "check the VPN or the tunnel"),
    ),
    (
        re.compile(r"Unable to connect to the server: (.*)"),
        _as(Why.UNREACHABLE, "the cluster cannot be reached: {}", "check the server in the kubeconfig"),
    ),
)
