"""What Go's standard library prints, accepts and complains about: the real server is written in Go, and its words show it."""
