"""Controllers of the places that the window shows: clusters, collections, events, the map and others."""
