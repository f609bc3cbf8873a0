"""``drill``: a rehearsed incident on a simulated fleet."""

import argparse
import sys

from console import settings
from console.cli._drill_child import drill_child
from console.cli._drill_fleet import drill_fleet
from console.cli._errors import CliError
from console.cli._parser import add_memory
from console.domain.fleet import Fleet

NAME = "drill"
HELP = "open the console on a simulated fleet with a rehearsed incident"

DEFAULT = "bad-rollout"
_FASTEST = 1000
_LAST_PORT = 65535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which incident, and how to play it."""
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=f"default: {DEFAULT}; see --list")
    parser.add_argument("--list", action="store_true", help="list the scenarios and exit")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="times real time")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, another run")
    parser.add_argument(
        "--serve-only", action="store_true", help="print the endpoints as JSON and serve, without a screen"
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="first of its ports; 0 takes free ones"
    )
    add_memory(parser)


def run(options: argparse.Namespace) -> int:
    """List, serve, or open the console on a drill."""
    if options.list:
        return _list()
    _check(options)
    if options.serve_only:
        return _serve(options)
    return _open(options)


def _list() -> int:
    from console.drill import scenarios  # noqa: PLC0415 - the simulation is large

    known = scenarios()
    wide = max(len(each.id) for each in known)
    for each in known:
        print(f"{each.id:<{wide}}  {each.title}")
        for line in each.story.splitlines():
            print(f"{'':<{wide}}    {line}")
    return 0


def _check(options: argparse.Namespace) -> None:
    if not 0 < options.speed <= _FASTEST:
        raise CliError(f"--speed must be over 0 and at most {_FASTEST}")
    if not 0 <= options.port <= _LAST_PORT:
        raise CliError(f"--port must be 0 to {_LAST_PORT}")


def _serve(options: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415 - not for a list

    from console.cli._drill_serve import serve  # noqa: PLC0415 - the simulation is large
    from console.drill import Drill, ScenarioError  # noqa: PLC0415

    try:
        drill = Drill(options.scenario or DEFAULT, speed=options.speed, seed=options.seed, port=options.port)
        return asyncio.run(serve(drill))
    except ScenarioError as error:
        raise CliError(str(error), "triton-console drill --list shows them all") from error
    except OSError as error:
        said = f"cannot listen on port {options.port} and those after it: {error.strerror or error}"
        raise CliError(said, "leave --port away to take free ports", id="port", code=1) from error


def _open(options: argparse.Namespace) -> int:
    from console.cli._drill_state import drill_state, ended  # noqa: PLC0415 - not for serving
    from console.cli._screen import require_terminal, watch_fleet  # noqa: PLC0415

    require_terminal()
    base = _base(options)
    arguments = ["--speed", str(options.speed), "--seed", str(options.seed), "--port", str(options.port)]
    name = options.scenario or DEFAULT
    print(f"triton-console: starting the drill {name} …", file=sys.stderr)
    with drill_child([name, *arguments]) as endpoints, drill_state(name) as state:
        fleet = drill_fleet(endpoints, base, str(state))
        code = watch_fleet(fleet, options)
        for said in ended(fleet):
            print(f"triton-console: {said}", file=sys.stderr)
        return code


def _base(options: argparse.Namespace) -> Fleet:
    """What the global options say; a drill takes nothing else from any settings."""
    flags = settings.Options(targets=("localhost",), read_only=options.read_only, refresh=options.refresh)
    return settings.load(flags)
