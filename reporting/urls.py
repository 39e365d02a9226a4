"""The addresses of the figures and of the annual reports."""

from django.urls import path, re_path

from reporting.views import (
    dashboards,
    rating_overrides,
    report_data,
    report_drafts,
    report_issue,
    report_verify,
    reports,
)

urlpatterns = [
    path("dashboard/", dashboards.dashboard, name="dashboard"),
    path("summary/", dashboards.summary, name="summary"),
    re_path(r"^summary\.(?P<extension>csv|xlsx)$", dashboards.summary_file, name="summary_file"),
    path("targets/<str:code>/", dashboards.target, name="target"),
    path("targets/<str:code>/rating/", rating_overrides.target_rating, name="target_rating"),
    path(
        "targets/<str:code>/rating/<int:number>/withdraw/",
        rating_overrides.rating_withdraw,
        name="rating_withdraw",
    ),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/issue/", report_issue.report_issue, name="report_issue"),
    path("reports/verify/", report_verify.report_verify, name="report_verify"),
    path("reports/<str:year>/<int:version>/", reports.report_detail, name="report_detail"),
    path("reports/<str:year>/<int:version>/page/", report_data.report_page, name="report_page"),
    path(
        "reports/<str:year>/<int:version>/page/method/",
        report_data.report_method,
        name="report_method",
    ),
    re_path(
        r"^reports/(?P<year>[^/]+)/(?P<version>[0-9]{1,9})/"
        r"(?P<data>summary\.xlsx|summary\.csv|records\.csv|figures\.json)$",
        report_data.report_data,
        name="report_data",
    ),
    path("reports/<str:year>/<int:version>/files/", reports.report_files, name="report_files"),
    path(
        "reports/<str:year>/<int:version>/draft/", report_drafts.report_draft, name="report_draft"
    ),
    path(
        "reports/<str:year>/<int:version>/draft/text/",
        report_drafts.report_text,
        name="report_text",
    ),
    path(
        "reports/<str:year>/<int:version>/draft/preview/",
        report_drafts.report_preview,
        name="report_preview",
    ),
    path(
        "reports/<str:year>/<int:version>/draft/preview.pdf",
        report_drafts.report_preview_file,
        name="report_preview_file",
    ),
    path(
        "reports/<str:year>/<int:version>/draft/earlier/<str:name>/",
        report_drafts.report_earlier,
        name="report_earlier",
    ),
    path(
        "reports/<str:year>/<int:version>/<str:language>.pdf",
        reports.report_file,
        name="report_file",
    ),
]
