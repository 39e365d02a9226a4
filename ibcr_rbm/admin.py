"""The admin site: officers edit the plan, administrators edit reference data.

The permissions of the group decide what each may edit. Records and accounts are not here:
they have pages of their own.
"""

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ibcr_rbm.access_policy import get_visitor
from strategy.accounts.policy import DATA_ADMINS

OWN_APP = "strategy"
"""The only application whose models are administered here."""


class ResultsAdmin(AdminSite):
    site_header = _("IBCR results")
    site_title = _("IBCR results")
    index_title = _("Plan and reference data")
    empty_value_display = "–"

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Leave out what libraries register: roles, secrets of second factors."""
        is_single = isinstance(model_or_iterable, type)
        models = [model_or_iterable] if is_single else model_or_iterable
        own = [model for model in models if model._meta.app_label == OWN_APP]
        super().register(own, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        # By role, as on every other page: ``is_staff`` is ignored.
        return get_visitor(request.user) in DATA_ADMINS
