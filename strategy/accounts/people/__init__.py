"""The accounts of people: list, invitation, changes with their reasons, end and restoration."""
