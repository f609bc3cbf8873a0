"""The real Triton: where its environment is, or how it comes to be.

The server comes from the wheel ``nvidia-pytriton``. Its Python backend needs numpy < 2 and an
interpreter whose shared library (``libpython3.X.so``) exists, so it lives in a virtual environment of its own:
``$TRITON_ENV``, or one in the user's cache directory, made at its first use.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from tests.parts.missing import missing

WHEELS = ("nvidia-pytriton==0.7.0", "numpy==1.26.4")
_STUB = "triton_python_backend_stub"
_MINORS = ("3.12", "3.11", "3.10", "3.9")
_ASK = (
    "import json, sysconfig as s, sys;"
    "print(json.dumps(['.'.join(map(str, sys.version_info[:2])), s.get_config_var('LIBDIR'),"
    " s.get_config_var('MULTIARCH'), s.get_path('purelib')]))"
)


@dataclass(frozen=True, slots=True)
class TritonEnv:
    """A prepared environment: its interpreter, its packages and the directory of its libpython."""

    python: Path
    packages: Path
    libpython: Path

    @property
    def home(self) -> Path:
        """The server's directory: ``bin``, ``backends``, ``caches``."""
        return self.packages / "pytriton" / "tritonserver"

    def environ(self) -> dict[str, str]:
        """Variables of a server's process: the stub takes its standard library from the first ``python3``."""
        return {
            "PATH": f"{self.python.parent}:/usr/bin:/bin",
            "PYTHONPATH": str(self.packages),
            "LD_LIBRARY_PATH": str(self.libpython),
            "HOME": os.environ.get("HOME", "/"),
        }

    def compile(self, repository: Path) -> None:
        """Compile a repository's models: the stub would, at the first load, and so make each directory look changed."""
        subprocess.run([self.python, "-m", "compileall", "-q", repository], check=True)


@cache
def triton_env() -> TritonEnv:
    """The environment, made at its first use; a machine that cannot run it says why through ``missing``."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        missing("the real Triton runs on Linux x86-64 only")
    given = os.environ.get("TRITON_ENV")
    if given:
        env = _read(Path(given) / "bin" / "python3")
        if env is None or not env.home.is_dir():
            missing(f"TRITON_ENV={given} holds no Triton, or its interpreter has no shared libpython")
    else:
        env = _cached()
    _place_stub(env)
    return env


def _cached() -> TritonEnv:
    base = next((python for python in _interpreters() if _read(python) is not None), None)
    if base is None:
        missing("no Python 3.9 to 3.12 with a shared libpython (on Debian: apt-get install libpython3.11)")
    root = platformdirs.user_cache_path("triton-console-tests")
    place = root / "-".join([*WHEELS, _ask(base)[0]]).replace("==", "-")
    if not place.is_dir():
        _install(base, place)
    env = _read(place / "bin" / "python3")
    if env is None or not env.home.is_dir():
        missing(f"{place} is broken; remove it and it is made again")
    return env


def _interpreters() -> Iterator[Path]:
    yield Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    yield from (Path("/usr/bin") / f"python{minor}" for minor in _MINORS)


def _ask(python: Path) -> list[str]:
    answer = subprocess.run([python, "-c", _ASK], capture_output=True, text=True, check=True)
    return list(json.loads(answer.stdout))


def _read(python: Path) -> TritonEnv | None:
    """What can be known of an interpreter, or None when no stub fits it or its libpython is not there."""
    if not python.exists():
        return None
    minor, libdir, multiarch, packages = _ask(python)
    if minor not in _MINORS:
        return None
    for folder in (Path(libdir), Path(libdir) / (multiarch or ".")):
        if (folder / f"libpython{minor}.so.1.0").exists():
            return TritonEnv(python, Path(packages), folder)
    return None


def _install(base: Path, place: Path) -> None:
    """Make the environment beside its place and move it there whole, so that no half-made one is ever used."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    pip = [sys.executable, "-m", "pip", "--python", str(draft / "bin" / "python3")]
    try:
        subprocess.run([base, "-m", "venv", "--without-pip", draft], check=True, capture_output=True)
        subprocess.run(
            [*pip, "install", "-q", "--no-deps", *WHEELS], check=True, capture_output=True, text=True
        )
        draft.rename(place)
    except (OSError, subprocess.CalledProcessError) as error:
        said = str(getattr(error, "stderr", None) or error).strip().splitlines()
        if not place.is_dir():
            missing(f"could not install {' '.join(WHEELS)}: {said[-1] if said else error}")
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _place_stub(env: TritonEnv) -> None:
    minor = env.packages.parent.name.removeprefix("python")
    stub = env.home / "backends" / "python" / _STUB
    if stub.exists():
        return
    draft = stub.with_name(f"{_STUB}.{os.getpid()}")
    shutil.copy2(env.home / "python_backend_stubs" / minor / _STUB, draft)
    draft.rename(stub)
