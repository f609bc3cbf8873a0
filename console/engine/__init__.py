"""The running console: polls sources, keeps history, publishes snapshots."""
