from dataclasses import replace

from console.domain.triage import CheckUse, Library, Runbook
from console.triage.walker import first_uses, for_alert, pick
from tests.console.triage.books import BOOK, NO, UNKNOWN, YES, Found, step


def library(**books: Runbook) -> Library:
    return Library({name: replace(book, id=name) for name, book in books.items()})


def gate(check: str, rank: int, *alerts: str) -> Runbook:
    return replace(BOOK, rank=rank, steps=(step("page", check, "=x", "=none"),), alerts=alerts)


def test_the_lowest_rank_whose_gate_says_yes_is_picked():
    books = library(late=gate("a", 30), early=gate("a", 20), no=gate("b", 10), unsure=gate("c", 5))
    assert pick(books, Found(a=YES, c=UNKNOWN)).id == "early"
    assert {use.name for use in first_uses(books)} == {"a", "b", "c"}


def test_where_no_gate_says_yes_it_is_p99():
    books = Library({"p99-latency": replace(gate("a", 40), id="p99-latency"), "other": gate("b", 1)})
    assert pick(books, Found(a=UNKNOWN)).id == "p99-latency"
    assert pick(library(other=gate("b", 1)), Found()) is None
    assert pick(Library(), Found()) is None


def test_a_gate_for_people_is_never_picked_by_itself():
    assert pick(library(people=gate("", 1), sure=gate("a", 2)), Found(a=YES)).id == "sure"


def test_a_negated_gate_is_asked_as_it_stands():
    books = library(band=gate("!in_band", 1))
    assert pick(books, Found(in_band=NO)).id == "band"
    assert pick(books, Found(in_band=YES)) is None
    assert first_uses(books) == (CheckUse("in_band"),)


def test_an_alert_opens_the_runbook_that_names_it():
    books = library(late=gate("a", 30, "budget-burn"), early=gate("a", 20, "budget-burn", "drift"))
    assert for_alert(books, "budget-burn").id == "early"
    assert for_alert(books, "drift").id == "early"
    assert for_alert(books, "gpu-memory") is None
