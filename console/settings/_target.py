"""The TARGET syntax: ``http://host:8000[,metrics=URL][,grpc=HOST:PORT][,name=NAME]``."""

import contextlib
import ipaddress
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from console.domain.fleet import Target
from console.domain.text import visible
from console.domain.toml_problems import nearest

HTTP_PORT = 8000
METRICS_PORT = 8002
_OPTIONS = ("metrics", "grpc", "name")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")
_BRACKETED = re.compile(r"\[[^\]]*\](?::.*)?")
_LONGEST = 2000
_HOST = re.compile(r"[^\s/?#@\[\]:%<>\"'\\^`{|},;()$!&*=+~]+")


def parse_target(text: str, metrics_port: int = METRICS_PORT) -> Target:
    """A target from its text; raises ValueError that says what is wrong and how to write it.

    A host without a scheme means http, and without a port 8000. A target without a name
    keeps an empty one until ``named``.
    """
    address, *parts = (part.strip() for part in text.split(","))
    options = _options(parts)
    url = _split(address, HTTP_PORT)
    metrics = f"{url.scheme}://{_bracketed(url.hostname or '')}:{metrics_port}/metrics"
    if "metrics" in options:
        metrics = feed_url(options["metrics"])
    grpc = _grpc(options["grpc"]) if "grpc" in options else None
    return Target(options.get("name", ""), url.geturl().rstrip("/"), metrics, grpc)


def feed_url(text: str) -> str:
    """The address of an exporter, ``/metrics`` unless it has a path; raises ValueError that says what is wrong."""
    if "://" not in text:
        raise ValueError(f"{_quoted(text)} is not a URL; write http://HOST:PORT/metrics")
    url = _split(text, 80, query=True)
    return (url if url.path.strip("/") else url._replace(path="/metrics")).geturl()


def server_url(text: str, port: int) -> str:
    """A server's address: http and ``port`` where it names none; raises ValueError that says what is wrong."""
    return _split(text, port).geturl().rstrip("/")


def named(targets: Iterable[Target]) -> tuple[Target, ...]:
    """The targets with a name each, no two alike: the host, where that is shared the address, then ``#2``."""
    given = list(targets)
    hosts = Counter(urlsplit(target.url).hostname or "" for target in given if not target.name)
    taken: set[str] = set()
    result = []
    for target in given:
        split = urlsplit(target.url)
        host = split.hostname or ""
        short = host if hosts[host] == 1 else f"{split.netloc}{split.path}"
        result.append(replace(target, name=_free(target.name or short, taken)))
    return tuple(result)


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}#{number}", number + 1
    taken.add(name)
    return name


def _options(parts: Iterable[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if key not in _OPTIONS:
            known = nearest(key, _OPTIONS) or "; known are metrics=, grpc= and name="
            raise ValueError(f"unknown option {_quoted(key)} after the address{known}")
        if not equals or not value:
            raise ValueError(f"{key}= needs a value")
        if key in options:
            raise ValueError(f"{key}= is given twice")
        options[key] = value
    return options


def _split(text: str, port: int, *, query: bool = False) -> SplitResult:
    if not text or _BLANK.search(text) or visible(text, _LONGEST) != text:
        raise ValueError(f"{_quoted(text)} is not an address; write http://HOST:{port}")
    if text.startswith(("http:/", "https:/")) and "://" not in text:
        raise ValueError(f"{_quoted(text)}: write {text.partition(':')[0]}:// with two slashes")
    if "://" not in text:
        text = f"http://{_with_port(text, port)}"
    try:
        split = urlsplit(text)
        _check(split, query=query)
    except ValueError as error:
        raise ValueError(f"{_quoted(text)}: {visible(str(error), 120)}") from error
    return split


def _check(split: SplitResult, *, query: bool) -> None:
    if split.scheme not in {"http", "https"}:
        raise ValueError(f"write http:// or https://, not {visible(split.scheme, 30)}://")
    if split.username is not None or split.password is not None:
        raise ValueError("credentials do not belong in an address; pass --header 'Authorization: …'")
    if (split.query and not query) or split.fragment:
        raise ValueError("an address has no ? or #")
    _check_host(split)
    _check_port(split)


def _check_port(split: SplitResult) -> None:
    try:
        known = split.port != 0 and not split.netloc.endswith(":")
    except ValueError:
        known = False
    if not known:
        raise ValueError("the port must be a number from 1 to 65535")


def _check_host(split: SplitResult) -> None:
    host = split.hostname or ""
    if split.netloc.startswith("["):
        if not _BRACKETED.fullmatch(split.netloc):
            raise ValueError("only a port may follow the ]")
        ipaddress.IPv6Address(host)
    elif len(host) > 253 or not _HOST.fullmatch(host) or ".." in host or host.startswith((".", "-")):
        raise ValueError(f"{_quoted(host)} is not a host name" if host else "the host is missing")


def _with_port(text: str, port: int) -> str:
    authority, slash, path = text.partition("/")
    with contextlib.suppress(ValueError):
        authority = f"[{ipaddress.IPv6Address(authority)}]"
    has_port = ":" in authority.rpartition("]")[2]
    return f"{authority}{'' if has_port else f':{port}'}{slash}{path}"


def _grpc(text: str) -> str:
    split = _split(text.removeprefix("grpc://"), 8001)
    if "://" in text.removeprefix("grpc://") or split.path or split.port is None:
        raise ValueError(f"grpc={visible(text, 80)}: write grpc=HOST:PORT")
    return f"{_bracketed(split.hostname or '')}:{split.port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _quoted(text: str) -> str:
    return f'"{visible(text, 80)}"'
