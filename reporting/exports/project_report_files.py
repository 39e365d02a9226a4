"""The report of a project as HTML for its PDF, and as a Word file."""

import io

from django.template.loader import render_to_string
from django.utils.translation import get_language_bidi
from docx import Document

from reporting.exports.framework_files import add_heading, add_table, set_direction
from reporting.exports.project_report import ProjectReport


def render_report_html(report: ProjectReport, created_at: str) -> str:
    """Return the page that is typeset; ``created_at`` is a moment in ISO 8601."""
    context = {
        "report": report,
        "created_at": created_at,
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    return render_to_string("reporting/project_report/pdf.html", context)


def write_report_docx(report: ProjectReport) -> bytes:
    document = Document()
    document.core_properties.title = report.title
    add_heading(document, report.title, 0)
    for text in (report.subtitle, report.note):
        set_direction(document.add_paragraph(text))
    for section in report.sections:
        add_heading(document, section.title, 1)
        for text in section.paragraphs:
            set_direction(document.add_paragraph(text))
        for table in section.tables:
            add_heading(document, table.caption, 2)
            add_table(document, table.heads, iter(table.rows))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
