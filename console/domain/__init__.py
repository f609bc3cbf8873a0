"""Values and rules of the fleet: pure, without clock or I/O."""
