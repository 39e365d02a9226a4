"""What each row of a preview would do is kept packed, and no longer inside the outcome.

Files that wait to be confirmed are forgotten: they would have been within the hour.
"""

from typing import Any

from django.db import migrations, models


def forget(apps: Any, schema_editor: Any) -> None:
    apps.get_model("indicators", "ImportPreview").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("indicators", "0006_wishes_for_mail")]

    operations = [
        migrations.RunPython(forget, forget),
        migrations.AddField(
            model_name="importpreview",
            name="rows",
            field=models.TextField(default="", verbose_name="what each row would do"),
            preserve_default=False,
        ),
    ]
