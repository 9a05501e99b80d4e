"""How long a test waits for what must come."""

TIMEOUT_S = 120.0
"""Far longer than anything takes, however busy the computer is: only a defect waits in vain."""

TIMEOUT_MS = round(1000 * TIMEOUT_S)
