"""``python -m console``, and the ``triton-console`` command."""

import signal
import sys


def main() -> int:
    """Run the command line of this process; returns its exit code."""
    answered = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if answered:
        # Nobody answers a KeyboardInterrupt yet: until then an interrupt just ends the process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from console.cli import main as run  # noqa: PLC0415 - see above

    if answered:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
