"""The tables of gateway and freeze: their kinds are checked here, their details by what uses them."""

from typing import Any

from console.settings._table import Table

_GATEWAYS = ("haproxy", "envoy", "kubernetes")


def gateway(table: Table) -> dict[str, Any]:
    """``[fleets.NAME.gateway]`` as it stands, with a known kind; empty when absent."""
    if not list(table):
        return {}
    if "kind" not in table:
        table.problem("kind", f"is missing; write one of {', '.join(_GATEWAYS)}")
    table.choice("kind", _GATEWAYS, _GATEWAYS[0])
    return table.plain()


def freeze(table: Table) -> dict[str, Any]:
    """``[fleets.NAME.freeze]`` as it stands; empty when absent."""
    for key in ("kubernetes", "argocd", "flux"):
        table.texts(key)
    for key in ("deploy_lock", "command"):
        table.text(key)
    table.close()
    return table.plain()
