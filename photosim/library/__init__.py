"""The facade that the window and the command line call, and its services."""
