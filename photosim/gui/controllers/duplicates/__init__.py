"""Controllers for duplicates, and for the stacks that show them in every grid."""
