"""Figures in words: number formats, sentences, notes on targets."""
