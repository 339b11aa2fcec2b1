"""Who calls, what they may do, and to whom a record belongs."""
