"""The door that needs no sockets."""
