"""Measures how long the window blocks: drives it over a large library and reports the longest stalls of its event loop.

    python -m tests.gui.watchdog [--photos 20000]

A timer fires in the event loop every millisecond; the time between two of its ticks is time in which the window did
not respond. The entries and vectors of the library are generated, its thumbnails are a few generated images, and some
photos are real files.

`busy` is the longest processor time of the window's thread between two ticks, which other programs hardly influence;
`wall` is the longest time on the clock. Where the system has interval timers, the report also shows the call stacks
during the stalls.
"""
