"""REST requests to RPCs and back, as grpc-gateway does it."""
