"""The map of the library: photos that look alike lie near each other."""
