"""How a fleet is seen through Prometheus, how that is asked, and where the fleet's servers are looked up."""

import base64
import re

from console.domain.fleet import Access, Discovery
from console.domain.secret import Secret
from console.domain.toml_table import Table
from console.settings._around import Around
from console.settings._headers import headers, secret
from console.settings._tls import tls
from console.settings._words import KUBERNETES_NAME

_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOST_LABELS = 4
_LONGEST_SELECTOR = 2000
_SOONEST_S, _LATEST_S = 1.0, 3600.0


def access(table: Table, around: Around) -> Access:
    """``[fleets.NAME.prometheus_access]``: a bearer token or a user with a password, headers, and TLS."""
    found = headers(table.table("headers"), around)
    bearer, user, password = (
        secret(table, "bearer", around),
        table.text("user"),
        secret(table, "password", around),
    )
    if bearer is not None and user is not None:
        table.problem("user", "there is a bearer token already: a request has one Authorization")
    if (user is None) != ("password" not in table):
        table.problem("user" if user is not None else "password", "user and password go together")
    if bearer is not None:
        found["Authorization"] = Secret(f"Bearer {bearer.reveal()}")
    elif user is not None and password is not None:
        pair = base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()
        found["Authorization"] = Secret(f"Basic {pair}")
    made = Access(found, tls(table.table("tls"), around) if "tls" in table else None)
    table.close()
    return made


def selector(table: Table, key: str) -> str:
    """A PromQL selector, its braces left out where they are given."""
    text = (table.text(key) or "").strip()
    inner = text[1:-1].strip() if text.startswith("{") and text.endswith("}") else text
    if len(inner) > _LONGEST_SELECTOR or any(ord(sign) < 32 for sign in inner):
        table.problem(key, f"is longer than {_LONGEST_SELECTOR} characters, or has control characters")
    elif inner and not re.match(r'[A-Za-z_][A-Za-z0-9_]*\s*(=|!=|=~|!~)\s*["\'`]', inner):
        table.problem(key, "is no PromQL selector; write 'job=\"triton\"'")
    return inner


def grouping(table: Table) -> tuple[str, ...]:
    """The labels that a fleet seen through Prometheus is grouped by."""
    found = tuple(text for _, text in table.texts("by"))
    for label in found:
        if not _LABEL.fullmatch(label):
            table.problem("by", f'is no name of a label: "{label[:60]}"')
    if len(found) > _MOST_LABELS:
        table.problem("by", f"has more than {_MOST_LABELS} labels")
    return found[:_MOST_LABELS]


def discovery(table: Table) -> Discovery:
    """``[fleets.NAME.discovery]``: pods by their labels, or what the fleet's Prometheus scrapes."""
    usual = Discovery()
    namespace = table.text("namespace") or ""
    made = Discovery(
        kubernetes=table.text("kubernetes") or "",
        namespace=namespace,
        prometheus=selector(table, "prometheus"),
        port=table.port("port", usual.port),
        metrics_port=table.port("metrics_port", usual.metrics_port),
        grpc_port=table.port("grpc_port", usual.grpc_port),
        every=table.duration("every", usual.every, least=_SOONEST_S, most=_LATEST_S),
    )
    if namespace and not KUBERNETES_NAME.fullmatch(namespace):
        table.problem("namespace", f'is not a name of Kubernetes: "{namespace[:60]}"')
    table.close()
    return made
