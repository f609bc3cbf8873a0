"""One file for each thing the console reads.

Each module without a leading underscore has one function,
``sources(fleet: Fleet, kit: Kit) -> list[Source]``: the sources that the fleet's
settings ask of it. A new kind of source is one new file here and its test.
"""
