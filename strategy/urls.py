"""The URLs of the plan page."""

from django.urls import path

from strategy.plan import views

app_name = "strategy"

urlpatterns = [
    path("plan/", views.plan, name="plan"),
]
