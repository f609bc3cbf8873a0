"""One good server among every bad one: each bad one is named, and the good one is seen as if alone."""

import asyncio
import re
from contextlib import AsyncExitStack

import pytest

from tests.parts import hostile
from tests.parts.cli import Ran, console
from tests.parts.fake_triton import REASON, fake_triton
from tests.parts.hostile import serving
from tests.parts.triton import TritonServer
from tests.snapshots import HOSTILE_NAMES

BAD = {
    "hang": (hostile.hang, "no answer in time"),
    "drip": (hostile.drip, "no answer in time"),
    "reset": (hostile.reset, "connection closed by the server"),
    "garbage": (hostile.garbage, "not a valid answer"),
    "nonsense": (hostile.nonsense, "did not answer as Triton does"),
    "error500": (hostile.error500, "HTTP 500"),
    "redirect": (hostile.redirect(), "redirects to"),
    "flood-sized": (hostile.flood_sized, "over"),
    "flood-chunked": (hostile.flood_chunked, "over"),
    "cut": (hostile.cut(fake_triton(), 150), "broke off"),
}
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def among_the_bad(triton_plain: TritonServer) -> Ran:
    """One picture of all bad servers and the good one."""

    async def run() -> Ran:
        async with AsyncExitStack() as stack:
            targets = [f"{triton_plain.target},name=good"]
            for name, (behaviour, _) in BAD.items():
                url = await stack.enter_async_context(serving(behaviour))
                targets.append(f"{url},metrics={url}/metrics,name={name}")
            return await console("status", *targets, "--json", "--for", "1")

    return asyncio.run(run())


def test_the_good_one_is_seen_as_if_alone(among_the_bad: Ran) -> None:
    good = next(t for t in among_the_bad.json["targets"] if t["name"] == "good")

    assert (good["up"], good["error"], good["control_mode"]) == (True, None, "explicit")
    assert among_the_bad.model("fast")["rate"] == 0
    assert among_the_bad.model("fast")["targets"] == ["good"]


@pytest.mark.parametrize("name", BAD)
def test_each_bad_one_is_named(among_the_bad: Ran, name: str) -> None:
    row = next(t for t in among_the_bad.json["targets"] if t["name"] == name)
    said = " ".join([str(row["error"]), *(str(failure) for failure in row["failures"])])

    assert BAD[name][1] in said
    assert row["hint"]


def test_bad_servers_are_findings_not_crashes(among_the_bad: Ran) -> None:
    assert among_the_bad.code == 1
    assert among_the_bad.err == ""


async def test_no_redirect_is_followed_with_a_credential_in_hand() -> None:
    seen: list[str] = []

    async def witness(request: str, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        hostile.answer(writer, b"")

    async with serving(witness) as elsewhere, serving(hostile.redirect(elsewhere)) as url:
        target = f"{url},metrics={url}/metrics"
        ran = await console("status", target, "--json", "--for", "0.2", "--header", "admin-key: secret")

    assert seen == []
    assert ran.code == 2


async def test_a_web_server_is_no_healthy_triton() -> None:
    async with serving(hostile.nonsense) as url:
        ran = await console("status", f"{url},metrics={url}/metrics", "--json", "--for", "0.5")

    assert ran.code != 0


async def test_names_and_reasons_are_literal_in_json_and_harmless_as_text() -> None:
    async with serving(fake_triton()) as url:
        target = f"{url},metrics={url}/metrics"
        exact = await console("status", target, "--json", "--for", "0.5")
        text = await console("status", target, "--for", "0.5", COLUMNS="200")

    rows = exact.json["models"]
    assert {row["name"] for row in rows} == set(HOSTILE_NAMES)
    assert {row["reason"] for row in rows} == {REASON}
    assert CONTROL.findall(exact.out + text.out) == []
    assert "[red]bold[/red]" in text.out
    assert max(map(len, text.out.splitlines())) < 500
