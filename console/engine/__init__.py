"""The running console: polls sources, keeps history, publishes snapshots; plays recordings and tells what was in them."""
