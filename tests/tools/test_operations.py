"""The files of operations/ name only settings, commands and programs that exist."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
OPERATIONS = ROOT / "operations"
SCRIPTS = ("install", "upgrade", "manage", "lib.sh")
UNITS = sorted(path.name for path in (OPERATIONS / "systemd").iterdir())
TEXTS = {
    path.relative_to(OPERATIONS).as_posix(): path.read_text()
    for path in sorted(OPERATIONS.rglob("*"))
    if path.is_file()
}
OF_OTHERS = {"POSTGRES_DB", "POSTGRES_PASSWORD", "POSTGRES_USER", "PYTHONUNBUFFERED"}
"""Variables that the container's database or Python reads."""
READ = re.compile(r'\bread_\w+\(\s*"([A-Z_]+)"')


def test_each_setting_is_read() -> None:
    code = "".join(path.read_text() for path in (ROOT / "ibcr_rbm").glob("*.py"))
    known = {*READ.findall(code), *OF_OTHERS}
    named = set(re.findall(r"^([A-Z_]+)=", TEXTS["ibcr.env.example"], re.M))
    named |= set(re.findall(r"^ +([A-Z_]+): ", TEXTS["container/compose.yaml"], re.M))
    named |= set(re.findall(r"\b([A-Z_]{4,})=[\w/]", TEXTS["container/Containerfile"]))
    assert {"SECRET_KEY", "BACKUP_FOLDER", "PRODUCTION"} <= named
    assert named <= known


def test_each_command_exists() -> None:
    pattern = r"(?:manage\.py|operations/manage|manage \"\$\w+\") ([a-z_]{4,})"
    named = {name: re.findall(pattern, text) for name, text in TEXTS.items()}
    assert {"migrate", "backup", "restore"} <= set(named["upgrade"])
    commands = {command for found in named.values() for command in found} - {"command"}
    assert commands <= set(get_commands())


def test_every_unit_is_started_or_is_the_timer_s() -> None:
    assert UNITS == [
        "ibcr-daily.service",
        "ibcr-daily.timer",
        "ibcr-web.service",
        "ibcr-worker.service",
    ]
    [started] = re.findall(r"^UNITS=\((.*)\)", TEXTS["lib.sh"], re.M)
    assert {*started.split(), "ibcr-daily.service"} == set(UNITS)


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_a_unit_runs_without_rights_on_the_system(unit: str) -> None:
    lines = TEXTS[f"systemd/{unit}"].splitlines()
    wanted = {"User=ibcr", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="}
    assert wanted <= set(lines)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_sound(script: str) -> None:
    subprocess.run(["bash", "-n", OPERATIONS / script], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", "-x", OPERATIONS / script], check=True, cwd=ROOT)
