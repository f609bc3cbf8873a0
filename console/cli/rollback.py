"""``rollback``: a model back to a version, or to a known-good release."""

import argparse

from console.cli._act import act, add_acting
from console.cli._errors import CliError
from console.cli._fleet import fleet_of
from console.domain.action import Action, ActionKind
from console.domain.fleet import Fleet
from console.domain.text import visible

NAME = "rollback"
HELP = "roll a model back to a version or a known-good release: 0 verified, 1 failed, 3 refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, back to what."""
    parser.add_argument("--model", required=True, metavar="MODEL", help="the model to roll back")
    parser.add_argument("--to-version", default="", metavar="V", help="to this version")
    parser.add_argument(
        "--release",
        default="",
        metavar="ID",
        help="to this known-good release; default: the newest that has the model",
    )
    parser.add_argument(
        "--unload-first",
        action="store_true",
        help="unload, then load: requests fail meanwhile, for a model that hangs",
    )
    add_acting(parser)


def run(options: argparse.Namespace) -> int:
    """Plan and roll back."""
    if options.to_version and options.release:
        raise CliError("a rollback goes to a version or to a release: pass one of --to-version and --release")
    fleet = fleet_of(options)
    wish = Action(
        ActionKind.ROLLBACK,
        model=options.model,
        version=options.to_version,
        release=_release(options.release, fleet) if options.release else "",
        unload_first=options.unload_first,
        reason=options.reason,
    )
    return act(options, wish, fleet)


def _release(text: str, fleet: Fleet) -> str:
    from console import wiring  # noqa: PLC0415 - HTTP and numpy, once the arguments are good

    ids = [release.id for release in wiring.releases(fleet).all()]
    found = [text] if text in ids else [each for each in ids if each.startswith(text)]
    if len(found) != 1:
        said = f"several releases begin with {text}" if found else f"there is no known-good release {text}"
        known = ", ".join(visible(each, 40) for each in ids[-5:])
        hint = f"known are {known}" if known else "triton-console good makes one of what serves now"
        raise CliError(said, hint, id="unknown_release")
    return found[0]
