"""The table widget: what it draws, what it leaves alone, where its cursor stays."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from console.view.styled import Span
from console.view.table import Column, Row, Sort, Table
from screens.widgets.table import TableView

COLUMNS = (
    Column("name", "NAME", 8, "a name", align="left", grow=10, cut="middle"),
    Column("value", "VALUE", 6, "a value"),
    Column("extra", "EXTRA", 10, "goes first", drop=1),
)


class Item(NamedTuple):
    name: str
    value: str = "1"


class Watched(TableView):
    """Counts the rows that are made and the lines that are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0
        self.drawn: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)

    def give(self, items: Iterable[Item], sort: str = "name") -> None:
        def row(item: Item, wanted: frozenset[str]) -> Row:
            del wanted
            self.made += 1
            return Row(((Span(item.name),), (Span(item.value),), (Span("x"),)))

        empty = ((Span("nothing here"),),)
        self.show(Table(COLUMNS, tuple(items), lambda item: item.name, row, Sort(sort), empty))


class Play(NamedTuple):
    table: Watched
    pilot: Pilot[None]

    async def give(self, items: Iterable[Item], sort: str = "name") -> None:
        self.table.give(items, sort)
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        strips = self.pilot.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def cursor(self) -> str:
        return next(line for line in self.lines if line.startswith("▸")).split()[1]


@asynccontextmanager
async def playing(items: Sequence[Item], size: tuple[int, int] = (60, 12)) -> AsyncIterator[Play]:
    table = Watched()

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield table

    async with Bare().run_test(size=size) as pilot:
        table.focus()
        play = Play(table, pilot)
        await play.give(items)
        yield play


def named(*names: str) -> list[Item]:
    return [Item(name) for name in names]


async def test_of_five_thousand_rows_only_the_visible_ones_are_made() -> None:
    async with playing(named(*(f"m{i}" for i in range(5000)))) as play:
        play.table.made = 0
        await play.give(named(*(f"m{i}" for i in range(5000))))
        assert 0 < play.table.made <= 12


async def test_equal_rows_are_not_drawn_again_and_a_changed_one_alone_is() -> None:
    async with playing(named("a", "b", "c")) as play:
        play.table.drawn.clear()
        await play.give(named("a", "b", "c"))
        assert play.table.drawn == []
        await play.give([Item("a"), Item("b", "2"), Item("c")])
        assert set(play.table.drawn) == {2}
        assert "2" in play.lines[2]


async def test_the_cursor_stays_on_its_row_when_the_order_changes() -> None:
    async with playing(named("a", "b", "c")) as play:
        await play.pilot.press("j")
        assert play.cursor == "b"
        await play.give(named("c", "a", "b"))
        assert play.cursor == "b"
        assert play.table.item == Item("b")


async def test_until_it_is_moved_the_cursor_stands_on_the_top_row_and_home_brings_that_back() -> None:
    async with playing(named("a", "b", "c")) as play:
        await play.give(named("c", "a", "b"))
        assert play.cursor == "c"
        await play.pilot.press("down", "home")
        await play.give(named("b", "a", "c"))
        assert play.cursor == "b"


async def test_a_row_that_is_gone_leaves_the_cursor_near_where_it_was() -> None:
    async with playing(named("a", "b", "c")) as play:
        await play.pilot.press("end")
        await play.give(named("a", "b"))
        assert play.cursor == "b"


async def test_keys_move_and_the_row_under_the_cursor_stays_in_sight() -> None:
    async with playing(named(*(f"m{i:03}" for i in range(100)))) as play:
        await play.pilot.press("end")
        assert play.cursor == "m099"
        await play.pilot.press("pageup")
        assert play.cursor == "m089"
        await play.pilot.press("k", "up")
        assert play.cursor == "m087"
        await play.pilot.press("home")
        assert play.cursor == "m000"
        await play.pilot.press("pagedown")
        assert play.cursor == "m010"


async def test_the_titles_stay_while_the_rows_scroll() -> None:
    async with playing(named(*(f"m{i:03}" for i in range(100)))) as play:
        await play.pilot.press("end")
        assert "NAME" in play.lines[0]
        assert "m099" in play.lines[-1]


async def test_a_click_selects_a_row() -> None:
    async with playing(named("a", "b", "c")) as play:
        await play.pilot.click(offset=(5, 3))
        await play.pilot.pause()
        assert play.cursor == "c"


async def test_fewer_rows_leave_no_old_lines_behind() -> None:
    async with playing(named("a", "b", "c")) as play:
        await play.give(named("a"))
        assert not any(" c " in f"{line} " for line in play.lines)
        await play.give([])
        assert any("nothing here" in line for line in play.lines)
        assert play.table.item is None


async def test_columns_go_when_the_terminal_is_narrow_and_come_back() -> None:
    async with playing(named("a")) as play:
        assert "EXTRA" in play.lines[0]
        await play.pilot.resize_terminal(22, 12)
        await play.pilot.pause()
        assert "EXTRA" not in play.lines[0]
        assert "VALUE" in play.lines[0]
        await play.pilot.resize_terminal(60, 12)
        await play.pilot.pause()
        assert "EXTRA" in play.lines[0]


@pytest.mark.parametrize("name", ["日本語のとても長いモデル名です", "n" * 500, "e\u0301" * 40])
async def test_wide_and_long_names_do_not_move_the_columns(name: str) -> None:
    async with playing([Item(name, "42"), Item("b", "43")]) as play:
        ends = [line.index("x") for line in play.lines[1:3]]
        cells = [
            len(line[:end]) + sum(_wide(c) for c in line[:end])
            for line, end in zip(play.lines[1:3], ends, strict=True)
        ]
        assert cells[0] == cells[1]


def _wide(char: str) -> int:
    return 1 if "\u3000" <= char <= "\u9fff" else -1 if char == "\u0301" else 0
