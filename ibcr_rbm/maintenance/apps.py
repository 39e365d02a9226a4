from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MaintenanceConfig(AppConfig):
    name = "ibcr_rbm.maintenance"
    verbose_name = _("Maintenance")

    def ready(self) -> None:
        import_module("ibcr_rbm.maintenance.checks")
