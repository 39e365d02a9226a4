"""The addresses of records, of the work that waits, of evidence, of import and export."""

from django.urls import path, register_converter

from indicators.converters import EndingConverter, KindConverter, ReferenceConverter
from indicators.views import (
    autosave,
    import_export,
    offline,
    record_actions,
    record_detail,
    record_edit,
    record_list,
    work,
)

register_converter(KindConverter, "kind")
register_converter(ReferenceConverter, "reference")
register_converter(EndingConverter, "ending")

_RECORD = "records/<kind:kind>/<reference:reference>/"

urlpatterns = [
    path("my-work/", work.my_work, name="my_work"),
    path("my-work/mail/", work.mail_wish, name="mail_wish"),
    path("review/", work.review, name="review"),
    path("evidence/<uuid:identifier>/", record_detail.evidence_file, name="evidence_file"),
    path("records/", record_list.record_index, name="record_index"),
    path("records/country-names.json", record_edit.country_names, name="country_names"),
    path("records/<kind:kind>/", record_list.record_list, name="record_list"),
    path(
        "records/<kind:kind>/export.<ending:ext>", import_export.record_export, name="record_export"
    ),
    path("records/<kind:kind>/new/", record_edit.record_create, name="record_create"),
    path("records/<kind:kind>/new/foreseen/", record_edit.record_foreseen, name="record_foreseen"),
    path(_RECORD, record_detail.record_detail, name="record_detail"),
    path(f"{_RECORD}edit/", record_edit.record_edit, name="record_edit"),
    path(f"{_RECORD}history/", record_detail.record_history, name="record_history"),
    path(f"{_RECORD}<slug:act>/", record_actions.record_action, name="record_action"),
    path("kept/<kind:kind>/", autosave.keep_answers, name="keep_new"),
    path("kept/<kind:kind>/<reference:reference>/", autosave.keep_answers, name="keep_edit"),
    path("kept/<uuid:identifier>/discard/", autosave.discard_answers, name="kept_discard"),
    path("unsent/", offline.unsent, name="unsent"),
    path("unsent/pass/", offline.sending_pass, name="sending_pass"),
    path("unsent/<kind:kind>/", offline.unsent_form, name="unsent_form"),
    path("unsent/<kind:kind>/send/", offline.record_send, name="record_send"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("import/", import_export.import_start, name="import_start"),
    path("import/done/", import_export.import_runs, name="import_runs"),
    path("import/done/<uuid:identifier>/", import_export.import_run, name="import_run"),
    path(
        "import/<uuid:identifier>/errors.<ending:ext>",
        import_export.import_errors,
        name="import_errors",
    ),
    path(
        "import/<uuid:identifier>/progress/", import_export.import_progress, name="import_progress"
    ),
    path("import/<uuid:identifier>/", import_export.import_preview, name="import_preview"),
    path(
        "import/template/<kind:kind>.<ending:ext>",
        import_export.import_template,
        name="import_template",
    ),
]
