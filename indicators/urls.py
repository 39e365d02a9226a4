"""URLs of records, pending work, evidence, import and export."""

from functools import partial

from django.urls import path, register_converter
from django.views.generic import RedirectView

from indicators.converters import EndingConverter, KindConverter, ReferenceConverter
from indicators.views import (
    autosave,
    import_export,
    offline,
    record_actions,
    record_detail,
    record_edit,
    record_list,
    reported_years,
    work,
)

register_converter(KindConverter, "kind")
register_converter(ReferenceConverter, "reference")
register_converter(EndingConverter, "ending")

_moved = partial(RedirectView.as_view, permanent=True, query_string=True)
_RECORD = "records/<kind:kind>/<reference:reference>/"

app_name = "indicators"

urlpatterns = [
    path("my-work/", work.my_work, name="my_work"),
    path("my-work/mail/", work.notification_preference, name="notification_preference"),
    path("review/", work.review, name="review"),
    path("evidence/<uuid:identifier>/", record_detail.evidence_file, name="evidence_file"),
    path("learning/", record_list.learning, name="learning"),
    path("records/", record_list.record_index, name="record_index"),
    path("records/closed-years/", reported_years.reported_years, name="reported_years"),
    path("records/country-names.json", record_edit.country_names, name="country_names"),
    path("records/<kind:kind>/", record_list.record_list, name="record_list"),
    path(
        "records/<kind:kind>/export.<ending:ext>", import_export.record_export, name="record_export"
    ),
    path("records/<kind:kind>/new/", record_edit.record_create, name="record_create"),
    path(
        "records/<kind:kind>/new/contributions/",
        record_edit.record_contributions,
        name="record_contributions",
    ),
    path(_RECORD, record_detail.record_detail, name="record_detail"),
    path(f"{_RECORD}edit/", record_edit.record_edit, name="record_edit"),
    path(f"{_RECORD}history/", record_detail.record_history, name="record_history"),
    path(f"{_RECORD}merge/", record_actions.record_merge, name="record_merge"),
    path(f"{_RECORD}<slug:act>/", record_actions.record_action, name="record_action"),
    path("form-drafts/<kind:kind>/", autosave.form_draft_save, name="form_draft_save"),
    path(
        "form-drafts/<kind:kind>/<reference:reference>/",
        autosave.form_draft_save,
        name="form_draft_save",
    ),
    path(
        "form-drafts/<int:number>/discard/",
        autosave.form_draft_discard,
        name="form_draft_discard",
    ),
    path("offline/", offline.offline_queue, name="offline_queue"),
    path("offline/session/", offline.offline_session, name="offline_session"),
    path("offline/<kind:kind>/", offline.offline_form, name="offline_form"),
    path("offline/<kind:kind>/send/", offline.offline_send, name="offline_send"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("import/", import_export.import_start, name="import_start"),
    path("imports/", import_export.import_list, name="import_list"),
    path("imports/<uuid:identifier>/", import_export.import_detail, name="import_detail"),
    path(
        "import/<uuid:identifier>/errors.<ending:ext>",
        import_export.import_errors,
        name="import_errors",
    ),
    path("import/<uuid:identifier>/", import_export.import_preview, name="import_preview"),
    path(
        "import/<uuid:identifier>/questions/",
        import_export.import_questions,
        name="import_questions",
    ),
    path(
        "import/template/<kind:kind>.<ending:ext>",
        import_export.import_template,
        name="import_template",
    ),
    # Links that devices and people may have kept.
    path("unsent/", _moved(pattern_name="indicators:offline_queue"), name="offline_queue_moved"),
    path("import/done/", _moved(pattern_name="indicators:import_list"), name="import_list_moved"),
]
