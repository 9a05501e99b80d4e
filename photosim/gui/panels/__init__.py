"""Sidebar, details panel, toolbar and status strips."""
