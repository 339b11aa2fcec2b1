"""What the persistence agent and the schedule controller report."""
