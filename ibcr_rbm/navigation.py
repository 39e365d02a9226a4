"""What every page says around its content: where one can go, and that records are samples."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    return {"navigation": [], "sample_notice": settings.IS_DEMONSTRATION}
