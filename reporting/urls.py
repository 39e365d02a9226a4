"""The addresses of the figures: dashboard, summary table, targets."""

from django.urls import path, re_path

from reporting.views import figures

urlpatterns = [
    path("dashboard/", figures.dashboard, name="dashboard"),
    path("summary/", figures.summary, name="summary"),
    re_path(r"^summary\.(?P<extension>csv|xlsx)$", figures.summary_file, name="summary_file"),
    path("targets/<str:code>/", figures.target, name="target"),
]
