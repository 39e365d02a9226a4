"""The version of this software."""

import tomllib
from functools import cache

from django.conf import settings


@cache
def read_version() -> str:
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])
