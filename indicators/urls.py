"""The addresses of records, of the work that waits, of evidence, of import and export."""

from django.urls import path, register_converter

from indicators.converters import EndingConverter, KindConverter, ReferenceConverter
from indicators.views import (
    acts,
    editing,
    evidence,
    exchange,
    imports,
    keeping,
    lists,
    mail,
    queues,
    records,
    unsent,
)

register_converter(KindConverter, "kind")
register_converter(ReferenceConverter, "reference")
register_converter(EndingConverter, "ending")

_RECORD = "records/<kind:kind>/<reference:reference>/"

urlpatterns = [
    path("my-work/", queues.my_work, name="my_work"),
    path("my-work/mail/", mail.mail_wish, name="mail_wish"),
    path("review/", queues.review, name="review"),
    path("evidence/<uuid:identifier>/", evidence.evidence_file, name="evidence_file"),
    path("records/", lists.record_index, name="record_index"),
    path("records/country-names.json", editing.country_names, name="country_names"),
    path("records/<kind:kind>/", lists.record_list, name="record_list"),
    path("records/<kind:kind>/export.<ending:ext>", exchange.record_export, name="record_export"),
    path("records/<kind:kind>/new/", editing.record_create, name="record_create"),
    path("records/<kind:kind>/new/foreseen/", editing.record_foreseen, name="record_foreseen"),
    path(_RECORD, records.record_detail, name="record_detail"),
    path(f"{_RECORD}edit/", editing.record_edit, name="record_edit"),
    path(f"{_RECORD}history/", records.record_history, name="record_history"),
    path(f"{_RECORD}<slug:act>/", acts.record_action, name="record_action"),
    path("kept/<kind:kind>/", keeping.keep_answers, name="keep_new"),
    path("kept/<kind:kind>/<reference:reference>/", keeping.keep_answers, name="keep_edit"),
    path("kept/<uuid:identifier>/discard/", keeping.discard_answers, name="kept_discard"),
    path("unsent/", unsent.unsent, name="unsent"),
    path("unsent/pass/", unsent.sending_pass, name="sending_pass"),
    path("unsent/<kind:kind>/", unsent.unsent_form, name="unsent_form"),
    path("unsent/<kind:kind>/send/", unsent.record_send, name="record_send"),
    path("sw.js", unsent.service_worker, name="service_worker"),
    path("import/", exchange.import_start, name="import_start"),
    path("import/done/", imports.import_runs, name="import_runs"),
    path("import/done/<uuid:identifier>/", imports.import_run, name="import_run"),
    path(
        "import/<uuid:identifier>/errors.<ending:ext>", exchange.import_errors, name="import_errors"
    ),
    path("import/<uuid:identifier>/progress/", imports.import_progress, name="import_progress"),
    path("import/<uuid:identifier>/", exchange.import_preview, name="import_preview"),
    path(
        "import/template/<kind:kind>.<ending:ext>", exchange.import_template, name="import_template"
    ),
]
