"""A room's boards while people are on them: seats, open pages, fan-out, the log's buffer, and the hub of all rooms."""
