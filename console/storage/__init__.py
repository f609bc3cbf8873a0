"""What outlives a run: the journal, known-good releases."""
