"""Values in, values out: no Qt, no SQL, no settings."""
