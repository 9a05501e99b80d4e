"""The panels and bars around the centre."""
