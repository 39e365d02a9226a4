"""Measuring the application against the least that the same work could cost.

Figures and ratios of one run on one machine; nothing here is asserted, and no page uses it.
"""
