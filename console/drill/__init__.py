"""The simulated fleet: real HTTP servers that answer as Triton does."""
