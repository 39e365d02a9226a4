"""URL converters: the kind of a record, its reference, the format of a file."""

from strategy.choices import RecordKind


class KindConverter:
    """`initiative`, `country_support` ...: a RecordKind; any other word gives 404."""

    regex = "[a-z_]+"

    def to_python(self, value: str) -> RecordKind:
        return RecordKind(value)

    def to_url(self, value: RecordKind | str) -> str:
        return RecordKind(value).value


class ReferenceConverter:
    """A record's reference: up to 40 characters, without slashes and control characters."""

    regex = r"[^/\x00-\x1f\x7f]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class EndingConverter:
    """`csv` or `xlsx`: the format of a file."""

    regex = "csv|xlsx"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
