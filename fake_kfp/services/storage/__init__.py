"""Records as rows of the database: what it refuses, and how rows are found and changed."""
