"""The table of settings: what the code reads, and what is written from it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values

import certs.cli
import certs.dotenv
import stack.swarm.settings
from certs.all_settings import ROWS
from certs.dotenv import CHECKOUT
from certs.hosts import ALWAYS_ADDRESSES, ALWAYS_NAMES
from certs.permitted import PERMITTED_NAMES, PERMITTED_NETWORKS
from stack import documents
from stack.settings import Settings, read

# Read by the code, and for no one to set: what the images, the tests and the
# stack itself tell the three processes, and what every login sets.
INTERNAL = {"STATE_DIR", "LEAF_DIR", "LEAF_UID", "CA_OWNER_OF", "APP_SOCKET", "APP_PATH"}
OF_THE_LOGIN = {"HOME", "XDG_DATA_HOME"}
# In docker-compose.yml only for the name of a new root.
OF_COMPOSE_ALONE = {"USER", "HOSTNAME"}
# Where there is no value, a mount needs some folder all the same.
MOUNTED_IF_UNSET = {"ACME_WEBROOT": "./nginx/snippets"}
# Compose's own setting, which names the stack on a Swarm too.
OF_COMPOSE_TOO = {"COMPOSE_PROJECT_NAME"}


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
    stack.swarm.settings.read(recorder)
    return recorder.asked - INTERNAL - OF_THE_LOGIN - OF_COMPOSE_TOO


def defaults_of_the_code() -> dict[str, str]:
    """What each setting is when it is unset, as .env has it."""
    bare: Settings = read(Recorder())
    swarm = stack.swarm.settings.read(Recorder())
    hosts, permit = bare.certs.hosts, bare.certs.permit
    return {
        "HOSTS": more(hosts.sans(), (*ALWAYS_NAMES, *ALWAYS_ADDRESSES)),
        "HTTPS_PORT": str(bare.endpoint.https_port),
        "HTTP_PORT": str(bare.endpoint.http_port),
        "BIND": str(bare.endpoint.bind),
        "ACME_WEBROOT": str(bare.acme_webroot or ""),
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
        "CERT": str(bare.certs.own or ""),
        "KEY": str(bare.certs.own.key if bare.certs.own else ""),
        "CERT_DIR": str(bare.certs.own.named if bare.certs.own else ""),
        "PUBLIC": str(int(bare.certs.public)),
        "MODE": bare.mode or "",
        "NGINX": bare.nginx or "",
        "LOG_LEVEL": bare.app.log_level,
        "WS_MAX_SIZE": f"{bare.app.ws_max_size // 2**20}m",
        "APP_MEMORY": f"{bare.app.memory // 2**30}g",
        "MAX_CONNECTIONS": str(bare.certs.limits.connections),
        "MAX_CONNECTIONS_PER_ADDRESS": str(bare.certs.limits.per_address),
        "HANDSHAKES_PER_SECOND": str(bare.certs.limits.handshakes),
        "WS_DEFLATE": str(int(bare.app.ws_deflate)),
        "REGISTRY": swarm.registry,
        "TAG": swarm.tag,
        "REPLICAS": str(swarm.replicas),
        "METRICS_PORT": str(bare.certs.metrics_port or ""),
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
    table = settings_table() | MOUNTED_IF_UNSET
    wrong = {name: value for name, value in simple if table.get(name, value) != value}
    # Without CERT, the place of its folder in the container is that of a file with this name.
    assert wrong == {"CERT": "none"}


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
