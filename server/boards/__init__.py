"""Boards of rooms on the server: slides, pictures and exports beside the whiteboard itself."""
