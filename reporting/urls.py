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
    results_framework,
    target_change,
)

app_name = "reporting"

urlpatterns = [
    path("dashboard/", dashboards.dashboard, name="dashboard"),
    path("summary/", dashboards.summary, name="summary"),
    re_path(r"^summary\.(?P<extension>csv|xlsx)$", dashboards.summary_file, name="summary_file"),
    path("plan/logic-model/", results_framework.logic_model, name="logic_model"),
    path("plan/pmf/", results_framework.framework, name="framework"),
    re_path(
        r"^plan/framework\.(?P<file_type>xlsx|docx)$",
        results_framework.framework_file,
        name="framework_file",
    ),
    path("targets/<str:code>/", dashboards.target, name="target"),
    path("targets/<str:code>/change/", target_change.target_change, name="target_change"),
    path(
        "targets/<str:code>/versions/<int:number>/correct/",
        target_change.target_correct,
        name="target_correct",
    ),
    path("targets/<str:code>/rating/", rating_overrides.rating_override, name="rating_override"),
    path(
        "targets/<str:code>/rating/<int:number>/withdraw/",
        rating_overrides.rating_override_withdraw,
        name="rating_override_withdraw",
    ),
    path("projects/<reference:reference>/", dashboards.project, name="project"),
    path(
        "projects/<reference:reference>/report/",
        results_framework.project_report,
        name="project_report",
    ),
    re_path(
        r"^projects/(?P<reference>[^/\x00-\x1f\x7f]{1,40})/report\.(?P<report_type>pdf|docx)$",
        results_framework.project_report_file,
        name="project_report_file",
    ),
    path("countries/<str:country_code>/", dashboards.country, name="country"),
    path("offices/<slug:office_code>/", dashboards.office, name="office"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/issue/", report_issue.report_issue, name="report_issue"),
    path("reports/verify/", report_verify.report_verify, name="report_verify"),
    path("reports/<str:year>/<int:version>/", reports.report_detail, name="report_detail"),
    path("reports/<str:year>/<int:version>/page/", report_data.report_web, name="report_web"),
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
    path("reports/<str:year>/<int:version>/draft/", report_drafts.draft_edit, name="draft_edit"),
    path(
        "reports/<str:year>/<int:version>/draft/text/",
        report_drafts.draft_text_save,
        name="draft_text_save",
    ),
    path(
        "reports/<str:year>/<int:version>/draft/preview/",
        report_drafts.draft_preview,
        name="draft_preview",
    ),
    path(
        "reports/<str:year>/<int:version>/draft/preview.pdf",
        report_drafts.draft_preview_pdf,
        name="draft_preview_pdf",
    ),
    path(
        "reports/<str:year>/<int:version>/draft/earlier/<str:name>/",
        report_drafts.draft_text_history,
        name="draft_text_history",
    ),
    path(
        "reports/<str:year>/<int:version>/<str:language>.pdf",
        reports.report_file,
        name="report_file",
    ),
    path(
        "reports/<str:year>/<int:version>/<str:language>.pdf.sig",
        reports.report_signature,
        name="report_signature",
    ),
]
