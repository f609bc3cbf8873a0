"""What doctor says of a repository against a real Triton: it refuses what is called broken, and loads what is called well."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain.repository import Live, Severity
from console.domain.repository_check import check
from console.transport.repository_scan import scan
from tests.parts import models
from tests.parts.broken_repository import HEALTHY
from tests.parts.repository_faults import FAULTS, TAKEN
from tests.parts.triton import TritonServer

REFUSED = [name for name, fault in FAULTS.items() if fault.refused]
# A load over HTTP of what Triton takes starts an interpreter.
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models that this Triton can load, and one for each fault that it refuses."""
    folder = models.write(tmp_path_factory.mktemp("repository") / "models", *HEALTHY)
    for name in REFUSED:
        FAULTS[name].plant(folder / name)
    for name, plant in TAKEN.items():
        plant(folder / name)
    return folder


@pytest.fixture(scope="module")
def server(repository: Path) -> Iterator[TritonServer]:
    with TritonServer.start(repository) as started:
        yield started


def loaded(server: TritonServer, model: str) -> str:
    """Why it is not; empty when it is."""
    url = f"{server.url}/v2/repository/models/{model}/load"
    request = urllib.request.Request(url, b"{}", method="POST")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S):
            return ""
    except urllib.error.HTTPError as error:
        return error.read().decode()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_called_broken_is_refused(server: TritonServer, repository: Path, name: str) -> None:
    found = list(check(scan(repository, [name]), 0.0, Live()))

    assert FAULTS[name].id in {finding.id for finding in found if finding.severity is Severity.FAIL}
    assert loaded(server, name)


@pytest.mark.parametrize("name", [*HEALTHY, *TAKEN])
def test_what_is_called_well_is_loaded(server: TritonServer, repository: Path, name: str) -> None:
    found = list(check(scan(repository, [name]), 0.0, Live()))

    assert [finding for finding in found if finding.severity is not Severity.OK] == []
    assert loaded(server, name) == ""


def test_the_versions_that_would_serve_are_those_that_serve(server: TritonServer, repository: Path) -> None:
    assert loaded(server, "multiall") == ""
    said = {finding.subject: finding.message for finding in check(scan(repository), 0.0, Live())}

    assert said["multiall"].startswith("would serve 1 2 3 (there are 1 2 3;")
    for version in (1, 2, 3):
        with urllib.request.urlopen(
            f"{server.url}/v2/models/multiall/versions/{version}/ready", timeout=10
        ) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("name", ["version_too_large", "config_folder"])
def test_what_is_said_to_end_the_server_ends_it(tmp_path: Path, name: str) -> None:
    folder = models.write(tmp_path / "models", "fast")
    FAULTS[name].plant(folder / name)
    said = [finding.message for finding in check(scan(folder), 0.0, Live()) if finding.id == FAULTS[name].id]

    assert "Triton 2.51 ends" in said[0]
    with TritonServer.start(folder) as server:
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            loaded(server, name)
        assert server.process.wait(PATIENCE_S) != 0


def test_a_link_to_nowhere_beside_the_models_hides_all_of_them(tmp_path: Path) -> None:
    folder = models.write(tmp_path / "models", "fast")
    FAULTS["link_beside"].plant(folder / "link_beside")
    said = [
        finding.message for finding in check(scan(folder), 0.0, Live()) if finding.severity is Severity.FAIL
    ]

    assert "Triton lists no model" in said[0]
    with TritonServer.start(folder) as server:
        request = urllib.request.Request(f"{server.url}/v2/repository/index", b"{}", method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=PATIENCE_S)
        assert refused.value.code == 500
