"""The log on standard error: one JSON object a line."""

import json
import logging
from datetime import UTC, datetime

from strategy.accounts.security_log.context import get_request_id


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the id of the request."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": get_request_id(),
            **getattr(record, "details", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
