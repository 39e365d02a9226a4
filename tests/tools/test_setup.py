"""The files that a set-up trusts: lock files, and the scripts that read them."""

import re
import subprocess
from pathlib import Path

import pytest

from tools.compile_translations import Malformed, compile_catalogue, is_up_to_date

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+) \\$", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    """Return the version of each package in the lock file."""
    return dict(PIN.findall((ROOT / lock).read_text(encoding="utf-8")))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_with_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    packages = re.split(r"\n(?=[a-z])", text)
    assert len(packages) == len(pins(lock)) > 20
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash)", text, re.MULTILINE)


def test_tests_run_with_the_very_versions_that_are_served() -> None:
    served, tested = (pins(lock) for lock in LOCKS)
    assert served.items() <= tested.items()


@pytest.mark.parametrize("script", ["run", *sorted(p.name for p in ROOT.glob("tools/*.sh"))])
def test_scripts_are_well_formed_for_a_plain_shell(script: str) -> None:
    path = ROOT / script if script == "run" else ROOT / "tools" / script
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0


def test_a_translation_is_compiled_once_for_each_change(tmp_path: Path) -> None:
    source, compiled = tmp_path / "django.po", tmp_path / "django.mo"
    source.write_text('msgid "Plan"\nmsgstr "Plan stratégique"\n', encoding="utf-8")
    assert not is_up_to_date(source, compiled)
    compile_catalogue(source, compiled)
    assert is_up_to_date(source, compiled)
    assert "Plan stratégique".encode() in compiled.read_bytes()


@pytest.mark.parametrize(
    "text",
    [
        'msgid "Plan"\nmgstr "Plan"\n',
        '#, python-format\nmsgid "by %(name)s"\nmsgstr "par %(nom)s"\n',
    ],
    ids=["a keyword misspelt", "a name that nobody fills in"],
)
def test_a_malformed_translation_is_refused(tmp_path: Path, text: str) -> None:
    source, compiled = tmp_path / "django.po", tmp_path / "django.mo"
    source.write_text(text, encoding="utf-8")
    with pytest.raises(Malformed):
        compile_catalogue(source, compiled)
    assert not compiled.exists()
