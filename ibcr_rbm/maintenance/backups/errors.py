"""Why a backup is not written, not opened or not restored."""


class BackupError(Exception):
    """The message is for the person who runs the command."""


class BackupDamaged(BackupError):
    """The file is not as it was written."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"The backup is damaged, and nothing was changed: {reason}")


class RestoreRefused(BackupError):
    """The backup is whole, and this installation may not take it."""
