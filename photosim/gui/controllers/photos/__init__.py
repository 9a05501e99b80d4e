"""Controllers of one photo or a few: opening and comparing them, their details, objects and similarity."""
