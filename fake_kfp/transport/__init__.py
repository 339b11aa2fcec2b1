"""The doors: gRPC and HTTP on sockets, and a channel in process."""
