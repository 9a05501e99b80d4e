"""The files of a library: its sources, moves and trash, and the last copies."""
