"""A certificate for loopback that openssl makes, and no authority knows."""

import shutil
import subprocess
from pathlib import Path

from tests.parts.missing import missing


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate and its key, of 127.0.0.1 alone."""
    openssl = shutil.which("openssl") or missing("openssl is not installed")
    pem, key = folder / "server.pem", folder / "server.key"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", key, "-out", pem),
        ],
        check=True,
        capture_output=True,
    )
    return pem, key
