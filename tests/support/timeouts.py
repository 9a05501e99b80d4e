"""How long a test waits for what must come."""

PATIENCE_S = 120.0
"""Far longer than anything takes, however busy the computer is: only a defect waits in vain."""

PATIENCE_MS = round(1000 * PATIENCE_S)
