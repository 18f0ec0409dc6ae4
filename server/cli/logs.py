"""The log: one stream on standard error for structlog and the standard library, as text or JSON, without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from server.settings import LogConfig

_SECRET_KEYS = frozenset(
    {"token", "ticket", "invitation", "guest_key", "secret", "signature", "authorization", "credential", "password"}
)
_PERSONAL_KEYS = frozenset({"name", "remote", "user_agent"})
_SECRET_WORDS = re.compile(r"(?i)\b((?:ticket|invitation|token|guest_key|password)=|bearer\s+)[^\s&\"']+")


def set_up_logs(config: LogConfig) -> None:
    """Sets up both loggers for the process. Standard output stays free for what commands answer."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    machine = config.style == "json"
    last = structlog.processors.JSONRenderer() if machine else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.level.upper())
    # They tell at INFO what is of interest to their own developers only.
    for chatty in ("alembic", "aiohttp.access", "engineio", "socketio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def redact(_logger: Any, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hides secrets at every level, and names and addresses of people at info and above."""
    for key, value in entry.items():
        if key in _SECRET_KEYS or (key in _PERSONAL_KEYS and method != "debug"):
            entry[key] = "***"
        elif isinstance(value, str):
            entry[key] = _SECRET_WORDS.sub(r"\1***", value)
    return entry
