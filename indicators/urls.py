"""The addresses of records, of the work that waits, and of evidence."""

from django.urls import path, register_converter

from indicators.converters import KindConverter, ReferenceConverter
from indicators.views import acts, editing, evidence, lists, queues, records

register_converter(KindConverter, "kind")
register_converter(ReferenceConverter, "reference")

_RECORD = "records/<kind:kind>/<reference:reference>/"

urlpatterns = [
    path("my-work/", queues.my_work, name="my_work"),
    path("review/", queues.review, name="review"),
    path("evidence/<uuid:identifier>/", evidence.evidence_file, name="evidence_file"),
    path("records/", lists.record_index, name="record_index"),
    path("records/<kind:kind>/", lists.record_list, name="record_list"),
    path("records/<kind:kind>/new/", editing.record_create, name="record_create"),
    path(_RECORD, records.record_detail, name="record_detail"),
    path(f"{_RECORD}edit/", editing.record_edit, name="record_edit"),
    path(f"{_RECORD}history/", records.record_history, name="record_history"),
    path(f"{_RECORD}<slug:act>/", acts.record_action, name="record_action"),
]
