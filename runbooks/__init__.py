"""Runbooks as data: TOML files without logic."""
