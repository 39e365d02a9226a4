"""The addresses of the plan, and of everybody's first page."""

from django.urls import path

from strategy import views

urlpatterns = [
    path("", views.home, name="home"),
    path("plan/", views.plan, name="plan"),
]
