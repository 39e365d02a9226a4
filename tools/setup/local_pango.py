"""Pango from a folder that the system does not search, for every Python of this environment.

`tools/setup/setup.sh` copies this module into .venv, where Python imports it at its start, if Pango
was installed without root (Debian's packages unpacked in .venv/pango) or from Homebrew.
"""

import ctypes
import os
import sys
from pathlib import Path

FONTS_FILE = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{folder}/usr/share/fonts</dir>
<cachedir>{folder}/font-cache</cachedir></fontconfig>
"""


def load_unpacked(folder: Path) -> None:
    """Load every library of the folder, so that a later search by name finds it in memory.

    A library loads only after its dependencies: repeat until a round loads nothing more.
    """
    waiting = sorted(folder.glob("usr/lib/*/lib*.so.*"))
    remaining = -1
    while len(waiting) != remaining:
        remaining = len(waiting)
        waiting = [library for library in waiting if not is_loaded(library)]
    fonts = folder / "fonts.conf"
    if not fonts.exists():
        fonts.write_text(FONTS_FILE.format(folder=folder), encoding="utf-8")
    os.environ.setdefault("FONTCONFIG_FILE", str(fonts))


def is_loaded(library: Path) -> bool:
    try:
        ctypes.CDLL(str(library))
    except OSError:
        return False
    return True


def search_homebrew() -> None:
    folders = [
        folder for folder in ("/opt/homebrew/lib", "/usr/local/lib") if Path(folder).is_dir()
    ]
    known = os.environ.get("DYLD_FALLBACK_LIBRARY_PATH", "/usr/lib")
    os.environ["DYLD_FALLBACK_LIBRARY_PATH"] = ":".join([*folders, known])


if sys.platform == "darwin":
    search_homebrew()
elif (Path(sys.prefix) / "pango").is_dir():
    load_unpacked(Path(sys.prefix) / "pango")
