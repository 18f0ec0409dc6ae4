"""Paints pages: pictures with Pillow, documents with fpdf2, both from the same list of strokes and fills."""
