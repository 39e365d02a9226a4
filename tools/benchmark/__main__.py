"""Measure the application: ``python -m tools.benchmark --help``."""

import os
import signal
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_rbm.settings")
    # As an exception, so that servers and databases are removed too.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    django.setup()
    # The command imports models, which need Django set up.
    from tools.benchmark.command import Command  # noqa: PLC0415

    Command().run_from_argv(["-m", "tools.benchmark", *sys.argv[1:]])


main()
