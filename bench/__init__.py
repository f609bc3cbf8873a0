"""Figures of the performance rules, each against a peer."""
