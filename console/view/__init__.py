"""Pure view models: a snapshot and filters become frozen rows and texts."""
