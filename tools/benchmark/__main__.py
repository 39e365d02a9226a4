"""Measure the application: ``python -m tools.benchmark --help``."""

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_rbm.settings")
    django.setup()
    # The command imports models, which need Django set up.
    from tools.benchmark.command import Command  # noqa: PLC0415

    Command().run_from_argv(["-m", "tools.benchmark", *sys.argv[1:]])


main()
