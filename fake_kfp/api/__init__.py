"""The wire: messages of both API versions, the one way to call an RPC, and the adapters between messages and records."""
