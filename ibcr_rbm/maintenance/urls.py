"""The URLs of the state of the installation."""

from django.urls import path

from ibcr_rbm.maintenance import views

app_name = "maintenance"

urlpatterns = [
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("status/", views.status, name="status"),
]
