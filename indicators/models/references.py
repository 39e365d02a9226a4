"""A text that names records by their references."""

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

from indicators.models.record import Record
from strategy.text import fold_spelling

SEPARATOR = ";"


@deconstructible
class KnownReferences:
    """Rejects references of no record; ``;`` separates them, and ``kinds`` may restrict them."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KnownReferences) and self.kinds == other.kinds

    def __hash__(self) -> int:
        return hash(self.kinds)

    def __call__(self, text: str) -> None:
        references = split_references(text)
        known = self._find_known([fold_spelling(reference) for reference in references])
        for reference in references:
            if fold_spelling(reference) not in known:
                raise ValidationError(
                    _("There is no record “%(text)s”. Correct the reference, or record it first.")
                    % {"text": reference}
                )

    def _find_known(self, folded: list[str]) -> set[str]:
        models = apps.get_app_config("indicators").get_models()
        queries = [
            model.objects.filter(folded_reference__in=folded)
            .order_by()
            .values_list("folded_reference", flat=True)
            for model in models
            if issubclass(model, Record) and (not self.kinds or model.KIND in self.kinds)
        ]
        return set(queries[0].union(*queries[1:]))


def split_references(text: str) -> list[str]:
    return [part for reference in text.split(SEPARATOR) if (part := " ".join(reference.split()))]
