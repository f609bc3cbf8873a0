"""Where the console keeps what it remembers, and who sits before it."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from console.domain.text import visible

_NAMES = ("SUDO_USER", "LOGNAME", "USER")


def state_folder() -> Path:
    """The platform's folder for what programs remember between runs."""
    import platformdirs  # noqa: PLC0415 - a run that does not ask must not pay for it

    return platformdirs.user_state_path("triton-console", appauthor=False)


def operator(environ: Mapping[str, str]) -> str:
    """``ana@host``: who acts, for people to read; it proves nothing. Under sudo, the user behind it."""
    given = (environ.get(name, "").strip() for name in _NAMES)
    name = next(filter(None, given), "") or _account()
    return visible(f"{name}@{socket.gethostname()}", 100)


def _account() -> str:
    import pwd  # noqa: PLC0415 - the environment nearly always tells

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"
