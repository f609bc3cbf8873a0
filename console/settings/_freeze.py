"""``[fleets.NAME.freeze]`` and ``[fleets.NAME.kubernetes]``: what a freeze touches, and how kubectl gets there."""

from console.domain.surfaces import Freeze, Kubernetes
from console.domain.toml_table import Table
from console.settings._around import Around, is_file
from console.settings._headers import headers
from console.settings._target import server_url
from console.settings._words import KUBERNETES_NAME, command, references, wrong_reference

_WORKLOADS = ("deployment", "rollout")
_FLUX = ("kustomization", "helmrelease")
_SHORTEST_S, _LONGEST_S = 60.0, 30 * 86400.0


def freeze(table: Table, around: Around) -> Freeze:
    """What the table says; the defaults when it is absent or empty."""
    usual = Freeze()
    made = Freeze(
        deploy_lock=_lock(table, around),
        headers=headers(table.table("headers"), around),
        kubernetes=references(table, "kubernetes", _WORKLOADS),
        argocd=references(table, "argocd", (), bare=True),
        flux=references(table, "flux", _FLUX),
        command=command(table, "command"),
        uncommand=command(table, "uncommand"),
        check=command(table, "check"),
        expires_s=table.duration("expires", usual.expires_s, least=_SHORTEST_S, most=_LONGEST_S),
    )
    table.close()
    for key in ("uncommand", "check"):
        if key in table and "command" not in table:
            table.problem(key, "has no command that it belongs to; write command, which freezes")
    if "headers" in table and not made.deploy_lock.startswith(("http://", "https://")):
        table.problem("headers", 'go with a deploy lock over HTTP; write deploy_lock = "https://…"')
    return made


def _lock(table: Table, around: Around) -> str:
    text = table.text("deploy_lock")
    if text is None:
        return ""
    if "://" not in text:
        return str(around.file(text).absolute())
    try:
        return server_url(text, 443 if text.startswith("https:") else 80)
    except ValueError as error:
        table.problem("deploy_lock", str(error))
        return ""


def kubernetes(table: Table, around: Around) -> Kubernetes:
    """How kubectl is called; the defaults when the table is absent or empty."""
    usual = Kubernetes()
    program = table.text("kubectl") or usual.kubectl
    config = table.text("kubeconfig") or ""
    path = around.file(config) if config else None
    namespace = table.text("namespace") or ""
    workload = table.text("workload") or ""
    made = Kubernetes(
        kubectl=str(around.file(program).absolute()) if "/" in program else program,
        kubeconfig=str(path.absolute()) if path else "",
        context=table.text("context") or "",
        namespace=namespace,
        workload=workload,
    )
    table.close()
    if path and around.chosen and not is_file(path):
        table.problem("kubeconfig", f"no such file: {path}")
    if namespace and not KUBERNETES_NAME.fullmatch(namespace):
        table.problem("namespace", f'is not a name of Kubernetes: "{namespace[:60]}"')
    wrong = wrong_reference(workload, _WORKLOADS, namespaced=False) if workload else ""
    if wrong:
        table.problem("workload", wrong)
    return made
