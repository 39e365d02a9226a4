"""The PDF of a report: the document, its glyphs, and the background tasks that render it."""
