"""Load the reference data, roles and plans of every installation; may be repeated."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from django.utils import timezone

from indicators.safeguarding.detection import find_text_error
from strategy.plan.effects import find_figure_effects, read_figures
from strategy.plan.figure_data import FigureDataChange, read_figure_data, save_change
from strategy.plan.loading import FixtureError, LoadedFile, load_file, load_plan

REFERENCE = ("countries.json", "reference.json")
ROLES = "roles.json"
PLANS = "plan_*.json"


class Command(BaseCommand):
    help = (
        "Loads reference data, roles and every plan in fixtures/, after migrate. What people have "
        "changed since stays as it is, unless --refresh is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--refresh",
            action="store_true",
            help="overwrite rows that differ from the files, also where people changed them",
        )
        parser.add_argument(
            "--reason", default="", help="why --refresh overwrites them; stored with each row"
        )
        parser.add_argument("--fixtures", type=Path, help="another folder with such files")

    def handle(
        self,
        *,
        refresh: bool,
        reason: str,
        fixtures: Path | None,
        verbosity: int,
        **options: object,
    ) -> None:
        folder = fixtures or settings.BASE_DIR / "fixtures"
        try:
            with transaction.atomic():
                loaded = self._load(folder, refresh, reason.strip())
        except FixtureError as error:
            raise CommandError(f"{error}\nNothing was loaded.") from error
        except DatabaseError as error:
            raise CommandError(f"{error}\nRun manage.py migrate first.") from error
        call_command("createcachetable", verbosity=0)
        if verbosity > 0:
            self.report(loaded)

    def _load(self, folder: Path, refresh: bool, reason: str) -> list[LoadedFile]:
        """Load all files; print the figures that a refresh moves, and ask why it does."""
        if not refresh:
            return self.load_all(folder, refresh=False)
        if error := find_text_error(reason):
            raise CommandError(error)
        today, data = timezone.localdate(), read_figure_data()
        before = read_figures(today)
        loaded = self.load_all(folder, refresh=True, reason=reason)
        for effect in find_figure_effects(before, read_figures(today)):
            self.stdout.write(str(effect))
        change = FigureDataChange(data, read_figure_data())
        words = ("changed", "new") if change.details else ("changed",)
        changed = [
            str(file)
            for file in loaded
            if file.name != ROLES and any(file.counts[word] for word in words)
        ]
        if change.details and reason:
            save_change(change, reason=reason, by=None, at=timezone.now())
        if changed and not reason:
            raise CommandError(
                f"Nothing was loaded. Rows differ from the files: {'; '.join(changed)}. The "
                "figures that would move are above. Say why with --reason."
            )
        return loaded

    def load_all(self, folder: Path, *, refresh: bool, reason: str = "") -> list[LoadedFile]:
        loaded = [load_file(folder / name, refresh=refresh, reason=reason) for name in REFERENCE]
        loaded.append(load_file(folder / ROLES, refresh=True))
        plans = sorted(folder.glob(PLANS))
        return loaded + [load_plan(path, refresh=refresh, reason=reason) for path in plans]

    def report(self, loaded: list[LoadedFile]) -> None:
        for file in loaded:
            if file.has_news:
                self.stdout.write(str(file))
        if any(file.is_skipped or file.counts["kept"] for file in loaded):
            self.stdout.write("Run it with --refresh to overwrite what differs from the files.")
