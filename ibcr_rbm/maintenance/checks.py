"""What `manage.py check` says of an installation, in the words of the status.

``check --deploy`` looks at settings and disk; ``check --database default`` also at what should have
been done by now.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.utils import timezone

from ibcr_rbm.maintenance.models import SignOfLife
from ibcr_rbm.maintenance.status.findings import StatusFinding, find_late_work, find_setting_faults

Configs = Iterable[AppConfig] | None


@checks.register("maintenance", deploy=True)
def check_installation(app_configs: Configs, **_given: Any) -> list[checks.CheckMessage]:
    return _warn(find_setting_faults())


@checks.register(checks.Tags.database)
def check_work(
    app_configs: Configs, databases: Iterable[str] | None = None, **_given: Any
) -> list[checks.CheckMessage]:
    """Warn of work that is late, once any was done; without ``databases`` nothing is read."""
    findings = find_late_work(timezone.now()) if databases else []
    return _warn(findings) if findings and SignOfLife.objects.exists() else []


def _warn(findings: Iterable[StatusFinding]) -> list[checks.CheckMessage]:
    return [
        checks.Warning(
            f"{finding.label}: {finding.value}.", hint=finding.problem, id="maintenance.W001"
        )
        for finding in findings
        if finding.problem
    ]
