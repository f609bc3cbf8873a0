"""What a real Triton says of loads that fail: in its index, its answers, and its log."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from console.domain.load_failure.explain import explain
from tests.parts import models
from tests.parts.triton import TritonServer

CONFIG = 'backend: "{backend}"\ninstance_group [{{ kind: {kind} count: 1 }}]\n'
FAILS = {
    "imports": ("python_import", CONFIG.format(backend="python", kind="KIND_CPU"), "import no_such_module\n"),
    "raises": ("python_init", None, None),
    "names": ("python_init", CONFIG.format(backend="python", kind="KIND_CPU"), "undefined\n"),
    "nobackend": ("backend_missing", CONFIG.format(backend="nosuch", kind="KIND_CPU"), ""),
    "gpu": ("gpu_placement", CONFIG.format(backend="python", kind="KIND_GPU"), ""),
    "opens": (
        "permissions",
        CONFIG.format(backend="python", kind="KIND_CPU"),
        'raise PermissionError(13, "Permission denied", "/secret")\n',
    ),
}
"""Models that cannot be loaded: the cause, config.pbtxt, model.py."""
UNPARSED = 'backend: "python"\nno_such_field: 1\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonServer]:
    """A server whose repository has a model for each failure; none is loaded."""
    repository = models.write(tmp_path_factory.mktemp("failures") / "repository", "badinit", "fast")
    for name, (_, config, code) in FAILS.items():
        if config is not None and code is not None:
            models.Model(config, code).write(repository / name)
    models.Model(UNPARSED, "").write(repository / "unparsed")
    (repository / "badinit").rename(repository / "raises")
    config = repository / "raises" / "config.pbtxt"
    config.write_text(config.read_text().replace("badinit", "raises"))
    (repository / "empty").mkdir()
    (repository / "empty" / "config.pbtxt").write_text(CONFIG.format(backend="python", kind="KIND_CPU"))
    with TritonServer.start(repository) as started:
        yield started


def post(server: TritonServer, path: str) -> str:
    """The body of an answer, whatever its status."""
    request = urllib.request.Request(f"{server.url}/v2/repository/{path}", b"{}", method="POST")
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


@pytest.mark.parametrize("name", FAILS)
def test_the_answer_the_index_and_the_log_name_the_cause(server: TritonServer, name: str) -> None:
    cause = FAILS[name][0]
    before = len(server.log)
    body = post(server, f"models/{name}/load")
    log = server.log[before:]
    answered = explain(body)
    assert (answered.cause, answered.model, answered.version) == (cause, name, "1"), body
    logged = explain(log)
    assert (logged.cause, logged.model) == (cause, name), log
    reasons = [row.get("reason", "") for row in json.loads(post(server, "index")) if row["name"] == name]
    assert [explain(reason).cause for reason in reasons if reason] == [cause], reasons


def test_a_config_that_does_not_parse_is_named_by_the_log_alone(server: TritonServer) -> None:
    before = len(server.log)
    body = post(server, "models/unparsed/load")
    assert explain(body).cause == "generic_wrapper", body
    log = server.log[before:]
    found = explain(log)
    assert (found.cause, found.model) == ("config_parse", "unparsed"), log


def test_a_model_without_a_version_is_named(server: TritonServer) -> None:
    body = post(server, "models/empty/load")
    found = explain(body)
    assert (found.cause, found.model) == ("version_missing", "empty"), body


def test_a_server_that_is_well_says_nothing_of_failures(server: TritonServer) -> None:
    before = len(server.log)
    post(server, "models/fast/load")
    found = explain(server.log[before:])
    assert found.cause in ("unknown", "benign_warning"), server.log[before:]
