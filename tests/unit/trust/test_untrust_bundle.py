"""What is left of make env once the root is taken back: variables, and the bundle."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
import trustme

from certs import ca_home
from tests.support import trusting
from tests.support.trusting import TrustingHome
from trust import bundle, cli, shells
from trust.root import Root

Captured = pytest.CaptureFixture[str]
machine = trusting.machine  # with a root in both its stores
BOTH = pytest.mark.parametrize("words", ["untrust", "remove --yes"])


@pytest.fixture(autouse=True)
def no_stack_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trust.untrust.INTERVAL", 0.01)


def run(*words: str) -> int:
    return cli.main([*words])


def eval_env(machine: TrustingHome) -> None:
    """As eval "$(make -s env)" does it in this shell."""
    home = machine.folder / "ca"
    machine.set(bundle.prepare(os.environ, home, Root.read(home / ca_home.ROOT)))


@BOTH
def test_the_variables_that_still_name_the_bundle_are_told_with_the_line_that_unsets_them(
    machine: TrustingHome, words: str, capsys: Captured
) -> None:
    eval_env(machine)
    capsys.readouterr()
    assert run(*words.split()) == 0
    home = machine.folder / "ca"
    names = sorted((*bundle.ADDING, *bundle.REPLACING))
    line = f"{', '.join(names)}. Type: {shells.unset(names, shells.in_use(os.environ))}\n"
    assert f"This shell still names files of {home}: {line}" in capsys.readouterr().out


@BOTH
@pytest.mark.parametrize("name", ["GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_variable_that_names_root_pem_is_told_whatever_it_is_called(
    machine: TrustingHome, words: str, name: str, capsys: Captured
) -> None:
    machine.set({name: str(machine.folder / "ca" / "." / ca_home.ROOT)})
    capsys.readouterr()
    assert run(*words.split()) == 0
    out = capsys.readouterr().out
    assert f": {name}. Type: " in out
    assert "CA_HOME" not in out


@BOTH
def test_shell_that_names_nothing_is_told_nothing(
    machine: TrustingHome, words: str, capsys: Captured
) -> None:
    machine.set({"SSL_CERT_FILE": str(machine.folder / "public.pem"), "PWD": "/"})
    assert run(*words.split()) == 0
    assert "This shell" not in capsys.readouterr().out


def of_a_wider_authority(machine: TrustingHome) -> None:
    assert machine.trust("--yes", permit="corp.example") == 0


@BOTH
@pytest.mark.parametrize("after", [lambda _: None, of_a_wider_authority], ids=["same", "another"])
def test_the_bundle_keeps_all_but_the_root(
    machine: TrustingHome, words: str, after: Callable[[TrustingHome], None], capsys: Captured
) -> None:
    """Another authority may have taken its place since."""
    corp, public = machine.folder / "corp.pem", (machine.folder / "public.pem").read_text()
    trustme.CA(organization_name="corp").cert_pem.write_to_path(str(corp))
    machine.set({"SSL_CERT_FILE": str(corp)})
    eval_env(machine)
    after(machine)
    path = machine.folder / "ca" / bundle.BUNDLE
    assert path.read_text().count("BEGIN") == 3
    assert run(*words.split()) == 0
    assert path.read_text() == f"# named before: {corp}\n{public}{corp.read_text()}"
    assert f"took the root out of {path}\n" in capsys.readouterr().out


def test_remove_says_when_the_bundle_may_go(machine: TrustingHome, capsys: Captured) -> None:
    eval_env(machine)
    path = machine.folder / "ca" / bundle.BUNDLE
    capsys.readouterr()
    assert run("remove", "--yes") == 0
    assert list((machine.folder / "ca").iterdir()) == [path]
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith(f"which some shells may name; to delete them: rm {path}")


def test_a_dry_run_leaves_the_bundle_alone(machine: TrustingHome, capsys: Captured) -> None:
    eval_env(machine)
    path = machine.folder / "ca" / bundle.BUNDLE
    before = path.read_bytes()
    assert run("untrust", "--dry-run") == 0
    assert path.read_bytes() == before
    assert f"would take the root out of {path}\n" in capsys.readouterr().out
