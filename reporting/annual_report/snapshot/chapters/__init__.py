"""The chapters of a report that are of no target: people, money, learning."""
