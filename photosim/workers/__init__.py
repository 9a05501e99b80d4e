"""Child processes of the same program, their protocol and their supervisor."""
