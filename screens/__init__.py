"""The terminal screens; Textual lives here and nowhere else."""
