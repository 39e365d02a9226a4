"""The URLs of the application; ``ibcr_rbm.access_policy`` has a rule for each."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from ibcr_rbm.views import concern, healthz, home

urlpatterns = [
    path("", home, name="home"),
    path("", include("strategy.urls")),
    path("", include("indicators.urls")),
    path("", include("reporting.urls")),
    path("", include("ibcr_rbm.maintenance.urls")),
    path("concern/", concern, name="concern"),
    path("healthz", healthz, name="healthz"),
    path("language/", set_language, name="set_language"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "ibcr_rbm.views.bad_request"
handler403 = "ibcr_rbm.views.permission_denied"
handler404 = "ibcr_rbm.views.not_found"
handler429 = "ibcr_rbm.views.too_many_requests"
