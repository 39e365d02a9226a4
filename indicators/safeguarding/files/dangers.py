"""What makes a file dangerous to the people who open it."""

from enum import Enum


class Danger(Enum):
    """Why a PDF, Word or Excel file is refused."""

    MACROS = "macros"
    OBJECT = "object"
    REMOTE_PART = "remote part"
    COMMAND = "command"
    SCRIPT = "script"
    ACTION = "action"
    EMBEDDED_FILE = "embedded file"
    SECOND_FORMAT = "second format"
    PASSWORD = "password"
    LOCATION = "location"


class DangerousFile(ValueError):
    """The file has what could harm its readers, or those whom it shows."""

    def __init__(self, danger: Danger) -> None:
        super().__init__(danger.value)
        self.danger = danger
