"""A server as the suite reaches it: its doors, what is known of it, how it is emptied."""
