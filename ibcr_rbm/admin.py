"""The site where officers keep the plan and administrators keep accounts and reference data.

What each may do there is a permission of the group; records are not there at all, because their
life (submitted, approved by a second person) is the business of the record screens.
"""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ibcr_rbm.access_policy import get_visitor
from strategy.accounts.policy import DATA_ADMINS


class ResultsAdmin(AdminSite):
    site_header = _("IBCR results")
    site_title = _("IBCR results")
    index_title = _("Plan, reference data and accounts")
    empty_value_display = "–"

    def has_permission(self, request: HttpRequest) -> bool:
        """By role alone, so that no flag on the account can say otherwise."""
        return get_visitor(request.user) in DATA_ADMINS
