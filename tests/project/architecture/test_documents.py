"""What documents say is shown by tests that exist."""

import re

from django.conf import settings

TEST = re.compile(r"`((?:indicators|journeys|project|reporting|strategy)/[\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_answers_the_security_standard_exists() -> None:
    document = (settings.BASE_DIR / "docs" / "asvs.md").read_text(encoding="utf-8")
    named = [match for match in TEST.findall(document) if "/test_" in match[0]]
    assert len(named) > 40
    missing = []
    for file, test in named:
        path = settings.BASE_DIR / "tests" / file
        if not path.exists() or f"def {test}" not in path.read_text(encoding="utf-8"):
            missing.append(f"{file}::{test}")
    assert missing == []
