"""Controllers: the only code that knows several views at once."""
