"""Duplicates: pairs confirmed by their pixels, groups, bursts and keep rules; pure."""
