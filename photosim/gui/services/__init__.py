"""What talks to the library and to child processes for the window. No widgets."""
