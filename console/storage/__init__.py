"""What outlives a run: the journal, recordings, incidents and their bundles, known-good releases, runbook files."""
