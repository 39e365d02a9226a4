"""The source of a list of countries, once a language; what it says so far is English."""

from typing import Any

from django.db import migrations, models
from django.db.models import F


def keep_as_english(apps: Any, _editor: Any) -> None:
    apps.get_model("strategy", "CountryList").objects.update(source_en=F("source"))


def source() -> models.CharField[Any, Any]:
    return models.CharField(blank=True, max_length=300, null=True, verbose_name="source")


class Migration(migrations.Migration):
    dependencies = [("strategy", "0001_plan_and_reference_data")]

    operations = [
        migrations.AddField("countrylist", "source_en", source()),
        migrations.AddField("countrylist", "source_fr", source()),
        migrations.AddField("countrylist", "source_es", source()),
        migrations.AddField("countrylist", "source_ar", source()),
        migrations.RunPython(keep_as_english, migrations.RunPython.noop),
    ]
