"""Offices, user accounts and what happened to them."""
