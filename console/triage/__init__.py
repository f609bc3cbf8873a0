"""Triage: runbooks walked on what the console sees."""
