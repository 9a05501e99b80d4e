"""Dialogs, messages and settings."""
