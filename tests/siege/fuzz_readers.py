"""Every reader of outside text, by name."""

from tests.siege import fuzz_cluster, fuzz_gateways, fuzz_servers

READERS = tuple(
    sorted(
        (*fuzz_servers.READERS, *fuzz_gateways.READERS, *fuzz_cluster.READERS),
        key=lambda reader: reader.name,
    )
)
