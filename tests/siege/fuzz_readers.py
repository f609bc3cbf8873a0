"""Every reader of outside text, by name."""

from tests.siege import fuzz_servers

READERS = tuple(sorted((*fuzz_servers.READERS,), key=lambda reader: reader.name))
