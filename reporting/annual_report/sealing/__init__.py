"""Seals of issued reports: signed digests of their rows, in a chain from report to report."""
