"""Django's administration, on a site of our own."""

from importlib import import_module

from django.contrib.admin.apps import AdminConfig


class ResultsAdminConfig(AdminConfig):
    default_site = "ibcr_rbm.admin.ResultsAdmin"

    def ready(self) -> None:
        super().ready()
        # It notes the time of a sign-in, also before the first request.
        import_module("ibcr_rbm.web.middleware")
