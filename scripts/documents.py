"""Whether the documents hold: links lead somewhere, settings are described."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from api.settings import Settings, variable
from layers.catalogue import CATALOGUE
from layers.policy_table import written

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
APART = {".git", ".venv", ".data", "node_modules", "dist"}


def pages(root: Path) -> Iterator[Path]:
    """The Markdown files of the repository."""
    for path in sorted(root.rglob("*.md")):
        if not APART.intersection(part for part in path.relative_to(root).parts):
            yield path


def broken_links(root: Path) -> list[str]:
    """Relative links that lead to no file or to no heading, one line each."""
    found = []
    for page in pages(root):
        for target in LINK.findall(CODE.sub("", page.read_text())):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            address, _, anchor = unquote(target).partition("#")
            file = (page.parent / address).resolve() if address else page
            if not file.exists():
                found.append(f"{page.relative_to(root)}: {target} leads nowhere")
            elif anchor and file.suffix == ".md" and anchor not in _anchors(file):
                found.append(f"{page.relative_to(root)}: {target} has no such heading")
    return found


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = HEADING.findall(FENCE.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


def undocumented_settings(root: Path) -> list[str]:
    """Settings that the operator's page does not describe, and names there that are no settings."""
    text = (root / "docs" / "operator.md").read_text()
    described = set(re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE))
    real = {variable(field) for field in Settings.model_fields}
    missing = [f"docs/operator.md does not describe {name}" for name in sorted(real - described)]
    return missing + [
        f"docs/operator.md describes {name}, which is no setting"
        for name in sorted(described - real - {"DIEUHANH_POSTGRESQL"})
    ]


def outdated_policy(root: Path) -> list[str]:
    """Whether the table of who may do what is that of the records."""
    page = root / "docs" / "security.md"
    text = page.read_text()
    if written(text, CATALOGUE.values()) == text:
        return []
    return ["docs/security.md: the table is not that of the records; `python -m scripts.documents`"]


if __name__ == "__main__":
    _page = Path(__file__).resolve().parent.parent / "docs" / "security.md"
    _page.write_text(written(_page.read_text(), CATALOGUE.values()))
