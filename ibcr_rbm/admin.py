"""The admin site: officers edit the plan, administrators edit reference data.

The permissions of the group decide what each may edit. Records and accounts are not here:
they have pages of their own.
"""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ibcr_rbm.access_policy import get_visitor
from strategy.accounts.policy import DATA_ADMINS


class ResultsAdmin(AdminSite):
    site_header = _("IBCR results")
    site_title = _("IBCR results")
    index_title = _("Plan and reference data")
    empty_value_display = "–"

    def has_permission(self, request: HttpRequest) -> bool:
        # By role, as on every other page: ``is_staff`` is ignored.
        return get_visitor(request.user) in DATA_ADMINS
