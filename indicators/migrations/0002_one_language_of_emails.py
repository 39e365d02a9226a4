from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def keep_languages(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Let the language in which a person worked last be that of the account's e-mails."""
    accounts = apps.get_model("strategy", "User")
    known = [code for code, _name in settings.LANGUAGES]
    for choice in apps.get_model("indicators", "NotificationPreference").objects.all():
        if choice.language in known:
            accounts.objects.filter(pk=choice.user_id).update(email_language=choice.language)


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0001_records"),
        ("strategy", "0002_changes_of_plans_never_change"),
    ]

    operations = [
        migrations.RunPython(keep_languages, migrations.RunPython.noop),
        migrations.RemoveField(model_name="notificationpreference", name="language"),
    ]
