"""Views of figures, rating overrides and annual reports."""
