"""A stand-in for HAProxy's runtime socket that says what a test wants, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

STATE_HEAD = (
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight"
    " srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state"
    " srv_agent_state\n"
)
STAT_HEAD = "# pxname,svname,type,bck,cookie,algo,stot,hrsp_4xx,dreq,intercepted,\n"


@dataclass
class RuntimeSocket:
    """``answers`` by command; an unknown one is answered as HAProxy does. ``silent`` never answers."""

    path: Path
    answers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    silent: bool = False


def triton(servers: Mapping[str, str], algorithm: str = "roundrobin", **columns: str) -> dict[str, str]:
    """Answers about a backend ``triton``; ``servers`` maps a name to ``op admin weight initial [agent]``."""
    states, stats = STATE_HEAD, STAT_HEAD
    for number, (name, given) in enumerate(servers.items(), 1):
        operational, admin, weight, initial, *agent = given.split()
        states += f"3 triton {number} {name} 127.0.0.1 {operational} {admin} {weight} {initial} 9 1 0 2 0"
        states += f" {agent[0] if agent else 0}\n"
        stats += f"triton,{name},2,{columns.get('bck', '0')},{columns.get('cookie', '')},,0,0,,,\n"
    stats += f"triton,BACKEND,1,0,,{algorithm},0,0,0,0,\n"
    return {
        "show cli level": "admin\n\n",
        "show stat": f"{stats}\n",
        "show servers state triton": f"{states}\n",
    }


@asynccontextmanager
async def runtime_socket(folder: Path, answers: Mapping[str, str]) -> AsyncIterator[RuntimeSocket]:
    """Listen at a path in the folder while the block runs."""
    found = RuntimeSocket(folder / "runtime.sock", dict(answers))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = (await reader.readline()).decode().strip()
        found.asked.append(command)
        if found.silent:
            await reader.read()
        writer.write(found.answers.get(command, "Unknown command.\n\n").encode())
        writer.close()

    server = await asyncio.start_unix_server(serve, found.path)
    try:
        yield found
    finally:
        server.close()
