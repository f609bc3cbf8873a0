"""One file for each thing the console changes; the executor alone applies them."""
