"""Every reader of outside text, by name."""

from tests.siege import (
    fuzz_cluster,
    fuzz_feeds,
    fuzz_files,
    fuzz_fleets,
    fuzz_gateways,
    fuzz_servers,
    fuzz_texts,
)

READERS = tuple(
    sorted(
        (
            *fuzz_servers.READERS,
            *fuzz_gateways.READERS,
            *fuzz_cluster.READERS,
            *fuzz_texts.READERS,
            *fuzz_feeds.READERS,
            *fuzz_files.READERS,
            *fuzz_fleets.READERS,
        ),
        key=lambda reader: reader.name,
    )
)
