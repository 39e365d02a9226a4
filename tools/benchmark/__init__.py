"""Benchmarks: the application against the least that the same work could cost.

Figures and ratios of one run on one machine; no test or page uses them.
"""
