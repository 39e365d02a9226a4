"""Django's administration, on a site of our own."""

from django.contrib.admin.apps import AdminConfig


class ResultsAdminConfig(AdminConfig):
    default_site = "ibcr_rbm.admin.ResultsAdmin"
