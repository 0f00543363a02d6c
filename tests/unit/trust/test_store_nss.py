"""The NSS stores of Chromium and Firefox: a real certutil on databases in a home of
their own."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.support import nss
from tests.support.nss import OLD, PROFILE, XDG, Home, argvs, forget, trust
from trust.commands import CommandError
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED
from trust.stores.nss import NssStore

home, real = nss.home, nss.real
root, other = nss.root, nss.other


def of_subject(folder: Path, name: x509.Name) -> Root:
    """Somebody's own root, younger than ours."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "somebody.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return Root.read(path)


def subject(root: Root) -> x509.Name:
    return x509.load_der_x509_certificate(root.der).subject


def uri(root: Root) -> str:
    """Its key's hash, as it stands in the certificate."""
    certificate = x509.load_der_x509_certificate(root.der)
    identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return "pkcs11:id=" + "".join(f"%{byte:02X}" for byte in identifier.value.digest)


def test_root_goes_into_the_database_and_out_again(real: Home, root: Root) -> None:
    store = real.database()
    assert store.state(root, real.runner) == ABSENT
    assert trust(store, root) == TRUSTED
    assert real.content(store) == [(root.name, "C,,")]
    assert trust(store, root) == TRUSTED
    assert real.content(store) == [(root.name, "C,,")]
    assert argvs(real, store.removal_plan(root)) == [
        f"certutil -D -d sql:~/{PROFILE} -n {uri(root)} -f /dev/null",
        f"certutil -L -d sql:~/{PROFILE} -f /dev/null",
        f"certutil -L -d sql:~/{PROFILE} -n {uri(root)} -f /dev/null",
    ]
    assert forget(store, root) == ABSENT
    assert store.removal_plan(root) == ()
    assert real.content(store) == []


def test_check_changes_nothing(real: Home, root: Root) -> None:
    store = real.database()

    def files() -> Mapping[str, tuple[bytes, int]]:
        paths = Path(store.place).iterdir()
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}

    before = files()
    store.state(root, real.runner)
    store.removal_plan(root)
    assert files() == before


def test_the_database_of_a_new_chromium_is_the_xdg_one(real: Home, root: Root) -> None:
    real.program("chromium")
    (found,) = real.chromium()
    assert isinstance(found, NssStore)
    assert found.state(root, real.runner) == ABSENT
    assert trust(found, root) == TRUSTED
    folder = real.path / XDG
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("cert9.db", "key4.db"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert not (real.path / ".pki").exists()
    assert real.places(real.chromium()) == [XDG]
    # As Chromium makes it: without a password.
    assert real.store(XDG).state(root, real.runner) == TRUSTED
    assert forget(found, root) == ABSENT


def test_an_empty_old_folder_gets_the_database(real: Home, root: Root) -> None:
    (real.path / OLD).mkdir(parents=True)
    (store,) = real.chromium()
    assert isinstance(store, NssStore)
    assert store.state(root, real.runner) == ABSENT
    assert trust(store, root) == TRUSTED
    assert not (real.path / XDG).exists()


@pytest.mark.parametrize("flags", [",C,C", "p,,", "T,,"])
def test_root_without_the_trust_flag_is_not_trusted(real: Home, root: Root, flags: str) -> None:
    store = real.database()
    real.put(store, root, root.name, flags)
    assert store.state(root, real.runner) == ABSENT
    assert trust(store, root) == TRUSTED
    real.certutil("-M", "-d", f"sql:{store.place}", "-n", root.name, "-t", flags)
    # What is not trusted is taken out all the same.
    assert forget(store, root) == ABSENT
    assert real.content(store) == []


def test_more_trust_than_needed_is_trust(real: Home, root: Root) -> None:
    store = real.database()
    real.put(store, root, root.name, "CT,C,C")
    assert store.state(root, real.runner) == TRUSTED


def test_root_that_was_imported_under_another_name_is_known(real: Home, root: Root) -> None:
    store = real.database()
    real.put(store, root, "by hand", ",,")
    assert store.state(root, real.runner) == ABSENT
    assert trust(store, root) == TRUSTED
    assert real.content(store) == [("by hand", "C,,")]
    assert forget(store, root) == ABSENT
    assert real.content(store) == []


def test_other_certificates_are_untouched(
    real: Home, root: Root, other: Root, tmp_path: Path
) -> None:
    store = real.database()
    real.put(store, other, other.name)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody's")])
    real.put(store, of_subject(tmp_path, name), "somebody's", "CT,C,")
    before = real.content(store)
    assert trust(store, root) == TRUSTED
    assert len(real.content(store)) == 3
    assert store.state(other, real.runner) == TRUSTED
    assert forget(store, root) == ABSENT
    assert real.content(store) == before
    assert store.state(other, real.runner) == TRUSTED


def test_certificates_under_one_nickname_are_told_apart(
    real: Home, root: Root, tmp_path: Path
) -> None:
    """NSS has one nickname for a subject, and -D by nickname takes any of them."""
    store = real.database()
    twin = of_subject(tmp_path, subject(root))
    real.put(store, twin, root.name)
    assert store.state(root, real.runner) == ABSENT
    assert trust(store, root) == TRUSTED
    assert real.content(store) == [(root.name, "C,,")] * 2
    real.certutil("-M", "-d", f"sql:{store.place}", "-n", uri(root), "-t", ",,")
    assert store.state(root, real.runner) == ABSENT, "the flags of its twin were read"
    assert trust(store, root) == TRUSTED
    assert forget(store, root) == ABSENT
    shown = real.certutil("-L", "-d", f"sql:{store.place}", "-n", root.name)
    assert twin.sha256.upper() in shown.replace(":", "")
    assert real.content(store) == [(root.name, "C,,")]


def test_another_subject_under_its_nickname_is_neither_trusted_nor_deleted(
    real: Home, root: Root, other: Root
) -> None:
    store = real.database()
    real.put(store, other, root.name)
    before = real.content(store)
    assert store.state(root, real.runner) == ABSENT
    with pytest.raises(CommandError, match="SEC_ERROR_ADDING_CERT"):
        trust(store, root)
    assert forget(store, root) == ABSENT
    assert real.content(store) == before
