"""The addresses of the plan."""

from django.urls import path

from strategy.plan import views

urlpatterns = [
    path("plan/", views.plan, name="plan"),
]
