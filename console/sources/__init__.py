"""One file for each thing the console reads.

Each module without a leading underscore has one function,
``sources(fleet: Fleet, kit: Kit) -> list[Source]``: the sources that the fleet's
settings ask of it. One that asks each server has ``of_each(fleet: Fleet, kit: Kit) -> Callable[[Target], list[Source]]``
as well: what makes the sources of one target, those that are found later included.
A new kind of source is one new file here and its test.
"""
