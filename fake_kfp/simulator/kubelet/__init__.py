"""Who makes pods move, and time pass."""
