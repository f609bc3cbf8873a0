"""How a server's certificate is checked."""

from console.domain.fleet import Tls
from console.domain.toml_table import Table
from console.settings._around import Around, is_file


def tls(table: Table, around: Around) -> Tls:
    """``verify`` and ``ca`` of a table; the defaults when it is absent or empty."""
    verify = table.flag("verify", default=True)
    ca = table.text("ca")
    path = around.file(ca) if ca else None
    if path and around.chosen and not is_file(path):
        table.problem("ca", f"no such file: {path}")
    table.close()
    return Tls(verify, str(path) if path else None)
