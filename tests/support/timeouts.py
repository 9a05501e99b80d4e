"""How long a test waits for an event."""

TIMEOUT_S = 120.0
"""Far longer than anything takes on a busy computer: only a bug reaches it."""

TIMEOUT_MS = round(1000 * TIMEOUT_S)
