"""``python -m console``, and the ``triton-console`` command."""

import sys

from console.cli import main as run


def main() -> int:
    """Run the command line of this process; returns its exit code."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
