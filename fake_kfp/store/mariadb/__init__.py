"""What the database does to texts."""
