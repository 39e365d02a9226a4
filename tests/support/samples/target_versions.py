"""Later versions of the plan's targets."""

from datetime import date

from strategy.models import TargetVersion


def add_version(code: str, day: str, **values: object) -> TargetVersion:
    """Save a version that differs from the first in these values."""
    version = TargetVersion.objects.filter(target__code=code).earliest("in_force_from")
    version.pk, version.in_force_from = None, date.fromisoformat(day)
    version._state.adding = True
    for name, value in values.items():
        setattr(version, name, value)
    version.save()
    return version
