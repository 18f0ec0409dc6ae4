"""What goes over the board's socket: binary frames, and JSON messages, parsed strictly and built once."""
