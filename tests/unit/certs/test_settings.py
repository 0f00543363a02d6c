from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT, merged_environment
from certs.errors import SettingError
from certs.files import Owner
from certs.hosts import parse
from certs.names import HostError
from certs.permitted import Permitted, parse_permit
from certs.settings import ca_home, read

HOME = {"HOME": "/home/ada"}


def dotenv(folder: Path, text: str) -> dict[str, str]:
    (folder / ".env").write_text(text)
    return merged_environment(folder)


def test_settings_without_a_file_are_the_environment(tmp_path: Path) -> None:
    assert merged_environment(tmp_path) == {
        name: value for name, value in os.environ.items() if value
    }


def test_the_environment_is_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "from.test")
    env = dotenv(tmp_path, 'HOSTS=file.test\nPERMIT="corp lan"\n# of $5\nLOG_LEVEL=debug\n')
    assert (env["HOSTS"], env["PERMIT"], env["LOG_LEVEL"]) == ("from.test", "corp lan", "debug")


@pytest.mark.parametrize("text", ["HOSTS=\n", "HOSTS=''\n", "HOSTS\n", "# HOSTS=a.test\n"])
def test_empty_value_counts_as_unset(text: str, tmp_path: Path) -> None:
    assert "HOSTS" not in dotenv(tmp_path, text)


@pytest.mark.parametrize("name", ["HOSTS", "APP", "BIND"])
def test_comment_in_the_place_of_a_value_counts_as_unset(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compose takes it for the value, and gives it to the containers."""
    assert name not in dotenv(tmp_path, f"{name}= # none yet\n")
    monkeypatch.setenv(name, "# none yet")
    monkeypatch.setenv("COLOUR", "#123")
    env = dotenv(tmp_path, f"{name}=a.test\n")
    assert name not in env
    assert env["COLOUR"] == "#123", "a variable of somebody else's"


@pytest.mark.parametrize("text", ["a.test\t# mine", "a.test \t #mine"])
def test_comment_behind_a_tab_is_no_part_of_the_value(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dotenv(tmp_path, f"HOSTS={text}\n")["HOSTS"] == "a.test"
    monkeypatch.setenv("HOSTS", text)
    assert dotenv(tmp_path, "")["HOSTS"] == "a.test"


def test_empty_value_in_the_environment_unsets_that_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTS", "")
    assert "HOSTS" not in dotenv(tmp_path, "HOSTS=a.test\n")


@pytest.mark.parametrize("value", ["${HOME}/ca", "$HOME/ca", "'a$b'", "$$"])
def test_a_dollar_in_the_file_is_named(value: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"^\.env: CA_HOME has a \$ in it"):
        dotenv(tmp_path, f"HOSTS=a.test\nCA_HOME={value}\n")


# What is in the file, and what is said of it.
WRONG = {
    "no =": (b"HOSTS=a.test\n\nthis is junk\nLOG_LEVEL=debug\n", "line 3: 'this is junk' is not"),
    "a space in the name": (b"HOSTS=a.test\nMY PASSWORD=secret\n", "'MY PASSWORD=...' is not"),
    "YAML": (b"HOSTS=a.test\nPASSWORD: xyz\n", "line 2: 'PASSWORD: xyz' is not NAME=value"),
    "an open quote": (
        b'HOSTS=a.test\nX="secret\n',
        "line 2: 'X=...' has a quote that is not closed",
    ),
    "a dollar": (b"HOSTS=a.test\nCA_HOME=$secret\n", "CA_HOME has a $ in it"),
    "two": (b"HOSTS=a.test\na b\nc d\n", "line 2: 'a b' is not NAME=value"),
}


@pytest.mark.parametrize(("data", "says"), WRONG.values(), ids=WRONG)
def test_a_line_that_cannot_be_read_is_named_and_the_others_count(
    data: bytes, says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_bytes(data)
    with pytest.raises(SettingError) as caught:
        merged_environment(tmp_path)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)
    said: list[str] = []
    assert merged_environment(tmp_path, warn=said.append)["HOSTS"] == "a.test"
    assert said == [str(caught.value)]
    assert capfd.readouterr() == ("", "")  # no words of a library's


def test_a_line_that_cannot_be_read_is_found_by_the_path_of_its_file(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=f"{tmp_path / '.env'}$"):
        dotenv(tmp_path, "this is junk\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_file_that_is_not_utf_8_is_said_with_what_to_do(encoding: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("HOSTS=a.test\r\nX=\u00e4\r\n".encode(encoding))
    with pytest.raises(SettingError, match=f"save it as UTF-8: {tmp_path / '.env'}$") as caught:
        merged_environment(tmp_path)
    said: list[str] = []
    assert "HOSTS" not in merged_environment(tmp_path, warn=said.append)
    assert said == [str(caught.value)]


@pytest.mark.parametrize(
    ("stranger", "fix"), [(False, r"chmod u\+rw"), (True, "sudo chown")], ids=["ours", "another's"]
)
def test_a_file_that_may_not_be_read_is_said_with_what_to_type(
    stranger: bool, fix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: object) -> str:
        # Root, who may run this, may read anything.
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    (tmp_path / ".env").write_text("HOSTS=a.test\n")
    monkeypatch.setattr(Path, "read_text", refuse)
    if stranger:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(
        SettingError, match=f"Permission denied.*{fix} .*{tmp_path / '.env'}$"
    ) as caught:
        merged_environment(tmp_path)
    said: list[str] = []
    assert "HOSTS" not in merged_environment(tmp_path, warn=said.append)
    assert said == [str(caught.value)]


# The rule of docker-compose.yml: what is set, and where the authority is then.
PLACES = {
    "absolute": ({"CA_HOME": "/srv/ca"}, "/srv/ca"),
    "absolute, before all else": ({"CA_HOME": "/srv/ca", "XDG_DATA_HOME": "/x"}, "/srv/ca"),
    "beside the checkout": ({"CA_HOME": "./ca"}, "/checkout/ca"),
    "above the checkout": ({"CA_HOME": "../ca"}, "/ca"),
    "the checkout": ({"CA_HOME": "."}, "/checkout"),
    "above, and nothing more": ({"CA_HOME": ".."}, "/"),
    "in the home": ({"CA_HOME": "~/ca"}, "/home/ada/ca"),
    "the home": ({"CA_HOME": "~"}, "/home/ada"),
    "XDG_DATA_HOME": ({"XDG_DATA_HOME": "/data"}, "/data/wss-stack"),
    "HOME": ({}, "/home/ada/.local/share/wss-stack"),
}


@pytest.mark.parametrize(("env", "place"), PLACES.values(), ids=PLACES)
def test_authority_is_where_ca_home_and_its_kin_say(env: dict[str, str], place: str) -> None:
    assert ca_home({**HOME, **env}, Path("/checkout")) == Path(place)


@pytest.mark.parametrize("value", ["ca", "a/b", "~ada/ca", ".ca", "..ca", "volume-name"])
def test_a_bare_name_is_refused_with_a_remedy(value: str) -> None:
    with pytest.raises(SettingError, match="an absolute path, or") as caught:
        ca_home({**HOME, "CA_HOME": value})
    assert f"CA_HOME is {value!r}" in str(caught.value)
    assert str(caught.value).endswith(f"./{value}")


@pytest.mark.parametrize("env", [{}, {"CA_HOME": "~/ca"}, {"CA_HOME": "~"}], ids=str)
def test_environment_without_a_home_is_told_what_to_set(env: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="set CA_HOME to an absolute path"):
        ca_home(env)


@pytest.mark.parametrize("env", [{"CA_HOME": "/srv/ca"}, {"XDG_DATA_HOME": "/data"}], ids=str)
def test_no_home_is_needed_where_it_is_not_used(env: dict[str, str]) -> None:
    assert ca_home(env).is_absolute()


def test_settings_have_defaults() -> None:
    settings = read(HOME)
    assert settings.hosts == parse("")
    assert settings.permit == Permitted()
    assert settings.leaf_dir == CHECKOUT / "certs" / "out"
    assert (settings.ca_owner, settings.leaf_owner) == (None, None)


def test_settings_are_read_from_the_environment(tmp_path: Path) -> None:
    settings = read(
        {
            "HOSTS": "a.test, fd00::7",
            "PERMIT": "corp",
            "CA_HOME": "/srv/ca",
            "LEAF_DIR": "/srv/leaf",
            "LEAF_UID": "101",
            "CA_OWNER_OF": str(tmp_path),
        }
    )
    assert settings.hosts == parse("a.test fd00::7")
    assert settings.permit == parse_permit("corp")
    assert (settings.ca_home, settings.leaf_dir) == (Path("/srv/ca"), Path("/srv/leaf"))
    assert settings.leaf_owner == Owner(101, 101)
    assert settings.ca_owner == Owner(tmp_path.stat().st_uid, tmp_path.stat().st_gid)


@pytest.mark.parametrize("name", ["HOSTS", "PERMIT"])
def test_a_setting_of_no_use_is_named(name: str) -> None:
    with pytest.raises(HostError, match=f"^{name}: 'a_b'"):
        read({**HOME, name: "a_b"})
