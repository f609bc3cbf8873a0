"""How the console reaches the outside: shared by what reads and by what changes."""
