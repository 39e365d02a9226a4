"""Figures in words: number formats, sentences and notes on targets."""
