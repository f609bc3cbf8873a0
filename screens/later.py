"""The pages that nobody reads before the first paint, made after it; some of them know each other."""

from typing import NamedTuple

from screens.alerts import AlertsPage
from screens.deciding import Deciding
from screens.desk import Desk
from screens.fleet import FleetPage
from screens.gate import GatePage
from screens.journal import JournalPage
from screens.page import Page
from screens.timeline import TimelinePage
from screens.triage import TriagePage
from screens.watch import Watch


class Later(NamedTuple):
    """The triage, which the app turns to a case, and all the others."""

    triage: TriagePage
    others: tuple[Page, ...]


def later_pages(watch: Watch, desk: Desk, deciding: Deciding) -> Later:
    """One of each, over one watch."""
    others = (
        TimelinePage(watch),
        JournalPage(watch, desk),
        AlertsPage(watch, deciding),
        GatePage(watch, deciding),
        FleetPage(watch),
    )
    return Later(TriagePage(watch, deciding, desk), others)
