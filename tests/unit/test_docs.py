"""What the documents say of settings, targets, commands and files is so."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values

import certs.cli
import certs.dotenv
import stack.cli
import trust.cli
from certs.all_settings import ROWS
from certs.dotenv import CHECKOUT
from certs.hosts import ALWAYS_ADDRESSES, ALWAYS_NAMES
from certs.permitted import PERMITTED_NAMES, PERMITTED_NETWORKS
from stack import documents
from stack.settings import Settings, read
from trust import rows

DOCUMENTS = sorted(
    path.relative_to(CHECKOUT)
    for pattern in ("*.md", "docs/**/*.md", "examples/**/*.md", "src/README.md")
    for path in CHECKOUT.glob(pattern)
    if "node_modules" not in path.parts
)
README = (CHECKOUT / "README.md").read_text()

# Read by the code, and for no one to set: what the images, the tests and the
# stack itself tell the three processes, and what every login sets.
INTERNAL = {"STATE_DIR", "LEAF_DIR", "LEAF_UID", "CA_OWNER_OF", "APP_SOCKET", "APP_PATH"}
OF_THE_LOGIN = {"HOME", "XDG_DATA_HOME"}
# In docker-compose.yml only for the name of a new root.
OF_COMPOSE_ALONE = {"USER", "HOSTNAME"}
# What stands behind the word in messages that speak of making something.
PROSE = {"an", "every", "one", "what"}
# What running it makes, and what its user does.
MADE = (
    ".run",
    ".venv",
    ".env",
    "certs/out",
    "hosts",
    "public",
    "nginx-values.sh",
    "test-results",
    "src/mypackage",
)


class Recorder(Mapping[str, str]):
    """An environment with nothing but HOME, which notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return {"HOME": "~"}[name]

    def __iter__(self) -> Iterator[str]:
        return iter(["HOME"])

    def __len__(self) -> int:
        return 1


def read_by_the_code() -> set[str]:
    recorder = Recorder()
    read(recorder)
    return recorder.asked - INTERNAL - OF_THE_LOGIN


def defaults_of_the_code() -> dict[str, str]:
    """What each setting is when it is unset, as .env has it."""
    bare: Settings = read(Recorder())
    hosts, permit = bare.certs.hosts, bare.certs.permit
    return {
        "HOSTS": more(hosts.sans(), (*ALWAYS_NAMES, *ALWAYS_ADDRESSES)),
        "HTTPS_PORT": str(bare.endpoint.https_port),
        "HTTP_PORT": str(bare.endpoint.http_port),
        "BIND": str(bare.endpoint.bind),
        "APP": "" if bare.is_echo_app else bare.app.app,
        "APP_DIR": f"./{bare.app_dir.relative_to(CHECKOUT)}",
        "APP_REQUIREMENTS": str(bare.app_requirements or ""),
        "RELOAD": "1" if bare.app.reload else "",
        "UPSTREAM": str(bare.upstream or ""),
        "SITES": " ".join(map(str, bare.sites)),
        "CONSOLE": str(int(bare.certs.console)),
        "ALLOWED_ORIGINS": " ".join(bare.certs.allowed_origins),
        "CA_HOME": str(bare.certs.ca_home),
        "PERMIT": more((*permit.names, *permit.networks), (*PERMITTED_NAMES, *PERMITTED_NETWORKS)),
        "MODE": bare.mode or "",
        "NGINX": bare.nginx or "",
        "LOG_LEVEL": bare.app.log_level,
        "WS_MAX_SIZE": f"{bare.app.ws_max_size // 2**20}m",
    }


def more(found: tuple[object, ...], than: tuple[object, ...]) -> str:
    return " ".join(sorted(set(map(str, found)) - set(map(str, than))))


def settings_table() -> dict[str, str]:
    """name -> default; "" where the default is none."""
    return {row.name: row.default for row in ROWS}


@pytest.mark.parametrize(
    ("path", "text"),
    [("docs/settings.md", documents.settings_page), (".env.example", documents.env_example)],
)
def test_document_is_as_the_table_of_settings_has_it(path: str, text: Callable[[], str]) -> None:
    assert (CHECKOUT / path).read_text() == text(), "write it with: make docs"


def test_the_settings_table_lists_what_the_code_reads() -> None:
    assert set(settings_table()) == read_by_the_code()


def test_the_settings_table_has_the_defaults_of_the_code() -> None:
    assert settings_table() == defaults_of_the_code()


def test_compose_interpolates_only_what_is_documented() -> None:
    text = (CHECKOUT / "docker-compose.yml").read_text()
    found = set(re.findall(r"(?<!\$)\$\{?([A-Za-z_]+)", text))
    assert found <= set(settings_table()) | OF_THE_LOGIN | OF_COMPOSE_ALONE


def test_compose_has_the_defaults_of_the_code() -> None:
    text = (CHECKOUT / "docker-compose.yml").read_text()
    simple = re.findall(r"\$\{([A-Z_]+):-([^${}]+)\}", text)
    assert simple
    table = settings_table()
    wrong = {name: value for name, value in simple if table.get(name, value) != value}
    assert wrong == {}


def test_env_example_sets_nothing_as_it_is() -> None:
    assert dotenv_values(CHECKOUT / ".env.example", interpolate=False) == {}


def test_env_example_has_every_setting_with_its_default() -> None:
    text = (CHECKOUT / ".env.example").read_text()
    uncommented = re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.MULTILINE)
    values = dotenv_values(stream=io.StringIO(uncommented), interpolate=False)
    assert values == settings_table()
    assert "$" not in text


def test_env_example_uncommented_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (CHECKOUT / ".env.example").read_text()
    for name in [*settings_table(), *INTERNAL, "XDG_DATA_HOME"]:
        monkeypatch.delenv(name, raising=False)

    def settings() -> Settings:
        env = certs.dotenv.merged_environment(tmp_path)
        return read({name: env[name] for name in env if name in {*settings_table(), "HOME"}})

    before = settings()
    (tmp_path / ".env").write_text(re.sub(r"^#(?=[A-Z_]+=)", "", text, flags=re.MULTILINE))
    after = settings()
    assert after.env != before.env
    for part in ("mode", "endpoint", "nginx"):
        assert getattr(after, part) == getattr(before, part)
    assert (after.certs, after.app) == (before.certs, before.app)


def targets(text: str) -> set[str]:
    """The targets that a text tells to type: in `code`, at the start of a line,
    behind a setting, or where a message names its next command. Prose has the
    word too, but rarely there."""
    before = r"(?:`|^(?:\s*|\$ |sudo )|: |; |, |\(|[A-Z_]=\S+ |\{[^{}]*\}=\{[^{}]*\} )"
    found = re.findall(rf"{before}make (?:[A-Z_]+=\S+ )*([a-z][a-z-]*)", text, re.MULTILINE)
    return set(found) - PROSE


PACKAGES = ("app", "certs", "stack", "trust", "uvicorn_runner")


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


def test_every_document_of_this_project_is_among_them() -> None:
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


@pytest.mark.parametrize("place", [rows.STORES, rows.CLIENTS])
def test_place_that_a_row_names_is_a_heading(place: str) -> None:
    path, _, anchor = place.partition("#")
    headings = re.findall(r"^#+ (.+)$", (CHECKOUT / path).read_text(), re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
