"""The record screens: five views for every kind, the acts, the queues, and evidence."""
