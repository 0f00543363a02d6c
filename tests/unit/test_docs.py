"""What the documents say of targets, commands and files is so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import certs.cli
import certs.dotenv
import stack.cli
import trust.cli
from certs.dotenv import CHECKOUT
from trust import rows

DOCUMENTS = sorted(
    path.relative_to(CHECKOUT)
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "src/README.md")
    for path in CHECKOUT.glob(pattern)
    if "node_modules" not in path.parts
)
README = (CHECKOUT / "README.md").read_text()

# What stands behind the word in messages that speak of making something.
PROSE = {"an", "every", "one", "what"}
# What running it makes, and what its user does.
MADE = (
    ".run",
    ".venv",
    ".env",
    "certs/out",
    "bench/out",
    "hosts",
    "own-hosts",
    "public",
    "nginx-values.sh",
    "test-results",
    "src/mypackage",
)


def targets(text: str) -> set[str]:
    """The targets that a text tells to type: in `code`, at the start of a line,
    behind a setting, or where a message names its next command. Prose has the
    word too, but rarely there."""
    before = r"(?:`|^(?:\s*|\$ |sudo )|: |; |, |\(|[A-Z_]=\S+ |\{[^{}]*\}=\{[^{}]*\} )"
    found = re.findall(rf"{before}make (?:[A-Z_]+=\S+ )*([a-z][a-z-]*)", text, re.MULTILINE)
    return set(found) - PROSE


PACKAGES = ("app", "bench", "certs", "metrics", "stack", "trust", "uvicorn_runner")


def spoken_by_the_code() -> str:
    """Every text in which the code may tell somebody to type something."""
    paths = [path for of in PACKAGES for path in (CHECKOUT / of).rglob("*.py")]
    paths += [*(CHECKOUT / "nginx").rglob("*.*"), CHECKOUT / "Makefile", CHECKOUT / "Dockerfile"]
    strings = re.compile(r'"[^"\n]*"|\'[^\'\n]*\'')
    lines = (line for path in paths for line in path.read_text().splitlines())
    return "\n".join(text[1:-1] for line in lines for text in strings.findall(line))


@pytest.mark.parametrize("source", [*map(str, DOCUMENTS), "the code"])
def test_every_target_that_is_named_exists(source: str) -> None:
    text = spoken_by_the_code() if source == "the code" else (CHECKOUT / source).read_text()
    makefile = (CHECKOUT / "Makefile").read_text()
    phony = set(" ".join(re.findall(r"^\.PHONY:(.*)", makefile, re.MULTILINE)).split())
    made = set(re.findall(r"^([a-z-]+):(?! [A-Z]+ =)", makefile, re.MULTILINE))
    assert targets(text) <= made & phony


def test_every_document_of_this_project_is_read() -> None:
    listed = ["git", "ls-files", "-z", "*.md"]
    names = subprocess.run(listed, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert set(map(Path, filter(None, names.split("\0")))) <= set(DOCUMENTS)


def test_targets_are_found_where_they_are_named() -> None:
    assert targets(README) >= {"up", "down", "certs", "doctor", "untrust", "logs", "status"}
    assert targets(README) >= {"test", "check"}
    assert targets(spoken_by_the_code()) >= {"up", "down", "certs", "logs", "status"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_command_that_is_named_exists(
    document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mains = {"certs": certs.cli.main, "stack": stack.cli.main, "trust": trust.cli.main}
    text = (CHECKOUT / document).read_text()
    for package, command in set(re.findall(r"python -m (certs|stack|trust) ([a-z-]+)", text)):
        with pytest.raises(SystemExit) as ended:
            mains[package]([command, "--help"])
        assert ended.value.code == 0, capsys.readouterr().err


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_and_path_leads_to_a_file(document: Path) -> None:
    text = (CHECKOUT / document).read_text()
    folder = (CHECKOUT / document).parent
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    for link in links:
        assert "://" in link or (folder / link).exists(), link
    missing = [path for path in paths(text) if not exists(path, folder)]
    assert missing == []


def exists(path: str, folder: Path) -> bool:
    made = any(f"{path}/".startswith(f"{name}/") for name in MADE)
    return made or (CHECKOUT / path).exists() or (folder / path).exists()


def paths(text: str) -> set[str]:
    """The `code` that names a file or folder of this project, outside blocks."""
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`(\.?[A-Za-z][\w.-]*(?:/[\w.-]+)*/?)`", prose)
    named = re.compile(r".*/.*|.+\.(?:py|md|sh|toml|txt|yml|template|example)")
    return {span for span in spans if named.fullmatch(span)}


def test_paths_are_found_where_they_are_named() -> None:
    assert paths((CHECKOUT / "docs/architecture.md").read_text()) >= {"certs/out", "stack/local/"}


@pytest.mark.parametrize("place", [rows.STORES, rows.NAMES, rows.CLIENTS])
def test_place_that_a_row_names_is_a_heading(place: str) -> None:
    path, _, anchor = place.partition("#")
    headings = re.findall(r"^#+ (.+)$", (CHECKOUT / path).read_text(), re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_words_on_a_hung_app_have_the_timeout_of_nginx_and_the_command() -> None:
    """nginx has one timeout for an open WebSocket and for the answer to its handshake."""
    _, _, websocket = (
        (CHECKOUT / "nginx/snippets/to_app.conf").read_text().partition("@websocket {")
    )
    assert "proxy_read_timeout 1h;" in websocket
    running = " ".join((CHECKOUT / "docs/running.md").read_text().split())
    assert (
        "To restart it: `make restart`. Until then a new WebSocket stays in its handshake"
        in running
    )
    assert "for an hour at most" in running
    (row,) = re.findall("^. 504, .+$", (CHECKOUT / "docs/troubleshooting.md").read_text(), re.M)
    assert "`make status`, `make restart`" in row
