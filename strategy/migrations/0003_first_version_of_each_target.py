"""The words and the range of each target, and their history, become its first version."""

from django.db import migrations

LANGUAGES = ("en", "fr", "es", "ar")
COLUMNS = (
    "minimum",
    "maximum",
    *(f"{name}{ending}" for name in ("statement", "rule") for ending in ("", *(f"_{code}" for code in LANGUAGES))),
)
HISTORY = ("history_date", "history_change_reason", "history_type", "history_user_id")


def _copy(row, names):
    return {name: getattr(row, name) for name in names}


def make_versions(apps, schema_editor):
    model = apps.get_model("strategy", "TargetVersion")
    history = apps.get_model("strategy", "HistoricalTargetVersion")
    past = apps.get_model("strategy", "HistoricalTarget")
    targets = apps.get_model("strategy", "Target").objects
    for target in targets.select_related("indicator__objective__priority__plan"):
        first_day = target.indicator.objective.priority.plan.starts_on
        version = model.objects.create(
            target=target, in_force_from=first_day, **_copy(target, COLUMNS)
        )
        history.objects.bulk_create(
            history(
                id=version.pk,
                target_id=target.pk,
                in_force_from=first_day,
                **_copy(row, COLUMNS + HISTORY),
            )
            for row in past.objects.filter(id=target.pk).order_by("history_date", "history_id")
        )


def restore_columns(apps, schema_editor):
    """Give each target the columns of its latest version; the history of the versions goes."""
    model = apps.get_model("strategy", "TargetVersion")
    targets = apps.get_model("strategy", "Target").objects
    for version in model.objects.order_by("in_force_from"):
        values = _copy(version, COLUMNS)
        targets.filter(pk=version.target_id).update(**values)
        apps.get_model("strategy", "HistoricalTarget").objects.filter(
            id=version.target_id
        ).update(**values)


class Migration(migrations.Migration):
    dependencies = [("strategy", "0002_target_versions")]

    operations = [migrations.RunPython(make_versions, restore_columns)]
