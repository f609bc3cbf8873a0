"""The table of what the classifier makes of recorded messages, at the end of the test output."""

from collections import Counter

import pytest

TALLY: pytest.StashKey[dict[str, dict[str, Counter[str]]]] = pytest.StashKey()


@pytest.fixture
def tally(request):
    """Counts outcomes per cause under a title; they are printed when all tests are done."""
    tables = request.config.stash.setdefault(TALLY, {})

    def count(title, cause, outcome):
        tables.setdefault(title, {}).setdefault(cause, Counter())[outcome] += 1

    return count


def pytest_terminal_summary(terminalreporter):
    for title, table in terminalreporter.config.stash.get(TALLY, {}).items():
        terminalreporter.section(f"explain: {title}")
        terminalreporter.write_line(f"{'cause':<26}{'right':>7}{'wrong':>7}{'unknown':>9}")
        total = Counter()
        for cause, counts in sorted(table.items()):
            total += counts
            _row(terminalreporter, cause, counts)
        _row(terminalreporter, "all", total)


def _row(terminalreporter, cause, counts):
    terminalreporter.write_line(f"{cause:<26}{counts['right']:>7}{counts['wrong']:>7}{counts['unknown']:>9}")
