"""The addresses of the figures and of the annual reports."""

from django.urls import path, re_path

from reporting.views import figures, ratings, reports

urlpatterns = [
    path("dashboard/", figures.dashboard, name="dashboard"),
    path("summary/", figures.summary, name="summary"),
    re_path(r"^summary\.(?P<extension>csv|xlsx)$", figures.summary_file, name="summary_file"),
    path("targets/<str:code>/", figures.target, name="target"),
    path("targets/<str:code>/rating/", ratings.target_rating, name="target_rating"),
    path(
        "targets/<str:code>/rating/<int:number>/withdraw/",
        ratings.rating_withdraw,
        name="rating_withdraw",
    ),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/issue/", reports.report_issue, name="report_issue"),
    path("reports/<str:year>/<int:version>/", reports.report_detail, name="report_detail"),
    path(
        "reports/<str:year>/<int:version>/<str:language>.pdf",
        reports.report_file,
        name="report_file",
    ),
]
