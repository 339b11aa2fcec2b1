"""What makes the tables and figures of the repository; each script tells how it is called."""
