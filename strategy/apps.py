from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from strategy.caching.changes import create_triggers
from strategy.caching.plan_version import create_plan_triggers


class StrategyConfig(AppConfig):
    name = "strategy"
    verbose_name = _("Plan and reference data")

    def ready(self) -> None:
        post_migrate.connect(create_triggers, sender=self)
        post_migrate.connect(create_plan_triggers, sender=self)
        import_module("strategy.accounts.sign_in.signals")
        import_module("strategy.accounts.security_log.signals")
