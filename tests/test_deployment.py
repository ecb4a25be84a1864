"""What operators copy and install is in step with the site."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
REQUIREMENTS = (ROOT / "requirements.txt").read_text()


def test_every_setting_is_in_the_example():
    settings = (ROOT / "chatsite" / "settings.py").read_text()
    names = set(re.findall(r'(?:env\.\w+|choice|days)\(\s*"([A-Z_]+)"', settings))
    (families,) = re.findall(r"for name in \((\"OPENAI\"[^)]+)\)", settings)
    names |= {
        f"{family}_{what}" for family in re.findall(r"\w+", families) for what in ("API_KEY", "BASE_URL")
    }
    example = set(re.findall(r"^#(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert names == example


def test_every_dependency_is_pinned_within_its_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = {
        canonicalize_name(name): version
        for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", REQUIREMENTS, re.MULTILINE)
    }
    for line in project["dependencies"]:
        needed = Requirement(line)
        assert needed.specifier.contains(pins[canonicalize_name(needed.name)]), line


def test_every_pin_has_hashes_and_no_address():
    pins = re.split(r"\n(?=\S)", REQUIREMENTS.strip())
    assert [pin for pin in pins if "--hash=sha256:" not in pin] == []
    assert not re.search(r"https?:|file:|index|find-links|^\s*#", REQUIREMENTS, re.MULTILINE)
