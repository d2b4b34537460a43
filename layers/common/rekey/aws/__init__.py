"""How a call reaches AWS: clients of the SDK, their transport, the two tables."""
