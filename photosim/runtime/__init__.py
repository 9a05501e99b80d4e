"""Long-running work: cancelling, pausing, throttling, limits, the crash journal and time estimates."""
