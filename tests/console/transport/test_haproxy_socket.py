"""The runtime socket: nothing leaves that is not on its list, and every refusal is an error in words."""

from pathlib import Path

import pytest

from console.domain.failure import FailureKind, SourceError
from console.domain.plan import ControlError
from console.transport import haproxy_socket
from console.transport.haproxy_socket import HaproxySocket
from tests.parts.runtime_socket import runtime_socket

FORBIDDEN = [
    "set maxconn frontend gw 100",
    "set maxconn server triton/v1 10",
    "set server triton/v2 state maint",
    "set server triton/v2 weight 10; set maxconn frontend gw 100",
    "set server triton/v2 weight 10\nset maxconn frontend gw 100",
    "set server triton/v2; weight 10",
    "set server triton/v2 addr 10.0.0.1",
    "set map /a/shed.map key 10 <<",
    "shutdown sessions server triton/v2",
    "disable frontend gw",
    "show map /a;set maxconn frontend gw 1",
    "show env",
    "",
]
ALLOWED = [
    "set server triton/v2 weight 10",
    "set server triton/v2 weight 100%",
    "set server triton.x:1/v-2_b state drain",
    "set map /etc/haproxy/shed.map ranker 25",
    "add map shed.map rank/er.v7 12.5",
    "del map /etc/haproxy/shed.map ranker",
]


@pytest.mark.parametrize("command", FORBIDDEN)
async def test_a_command_that_is_not_on_the_list_is_never_sent(tmp_path: Path, command: str) -> None:
    async with runtime_socket(tmp_path, {}) as gateway:
        for send in (HaproxySocket(str(gateway.path)).change, HaproxySocket(str(gateway.path)).ask):
            with pytest.raises(ControlError, match="not a command"):
                await send(command)

    assert gateway.asked == []


@pytest.mark.parametrize("command", ALLOWED)
async def test_commands_on_the_list_are_sent_and_silence_is_success(tmp_path: Path, command: str) -> None:
    async with runtime_socket(tmp_path, {command: "\n"}) as gateway:
        await HaproxySocket(str(gateway.path)).change(command)

    assert gateway.asked == [command]


async def test_what_reads_cannot_change_and_what_changes_is_not_read(tmp_path: Path) -> None:
    async with runtime_socket(tmp_path, {}) as gateway:
        with pytest.raises(ControlError):
            await HaproxySocket(str(gateway.path)).ask("set server triton/v2 weight 10")
        with pytest.raises(ControlError):
            await HaproxySocket(str(gateway.path)).change("show stat")

    assert gateway.asked == []


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("No such server.\n\n", "reloaded"),
        ("Absolute weight can only be between 0 and 256 inclusive.\n\n", ""),
        ("Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.\n\n", "--to 0"),
        ("Permission denied\n\n", "level admin"),
        ("entry not found.\n\n", "reloaded"),
        ("Unknown map identifier. Please use #<id> or <file>.\n\n", "reloaded"),
        ("\x1b[2J something new\n", ""),
    ],
)
async def test_every_text_after_a_change_is_a_refusal(tmp_path: Path, said: str, hint: str) -> None:
    command = "set server triton/v2 weight 10"
    async with runtime_socket(tmp_path, {command: said}) as gateway:
        with pytest.raises(ControlError) as refused:
            await HaproxySocket(str(gateway.path)).change(command)

    assert said.strip().replace("\x1b", "\\e") in str(refused.value)
    assert hint in refused.value.hint


async def test_a_socket_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(haproxy_socket, "SECONDS", 0.05)
    async with runtime_socket(tmp_path, {}) as gateway:
        gateway.silent = True
        with pytest.raises(SourceError) as failed:
            await HaproxySocket(str(gateway.path)).ask("show stat")

    assert failed.value.failure.kind is FailureKind.TIMEOUT


async def test_an_endless_answer_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(haproxy_socket, "LIMIT", 2**20)
    async with runtime_socket(tmp_path, {"show stat": "x" * 2**22}) as gateway:
        with pytest.raises(SourceError) as failed:
            await HaproxySocket(str(gateway.path)).ask("show stat")

    assert failed.value.failure.kind is FailureKind.TOO_LARGE


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/nowhere/haproxy.sock", FailureKind.REFUSED),
        ("127.0.0.1:1", FailureKind.REFUSED),
        ("127.0.0.1:http", FailureKind.UNSUPPORTED),
    ],
)
async def test_where_nobody_listens_it_says_what_to_check(address: str, kind: FailureKind) -> None:
    with pytest.raises(SourceError) as failed:
        await HaproxySocket(address).ask("show stat")

    assert failed.value.failure.kind is kind
    assert address in failed.value.failure.message
    assert failed.value.failure.hint
