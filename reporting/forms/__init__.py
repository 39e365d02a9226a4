"""Forms of figures and annual reports."""
