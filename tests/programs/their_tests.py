"""Tests of somebody's own project against the stack, which the plugin's tests copy there."""

import importlib
import ssl
import sys
import urllib.error
import urllib.request

import pytest

app = importlib.import_module("app")  # theirs, though the checkout has one too


def test_https_answers(stack_url: str, ssl_context: ssl.SSLContext) -> None:
    url = f"{stack_url}/healthz"
    with urllib.request.urlopen(url, context=ssl_context) as answer:  # noqa: S310 # https
        assert answer.status == 200


def test_app_is_theirs() -> None:
    assert app.GREETING == "hello"


def test_certificate_is_verified(stack_url: str, ssl_context: ssl.SSLContext) -> None:
    assert ssl_context.verify_mode is ssl.CERT_REQUIRED
    assert ssl_context.check_hostname
    assert ssl_context.cert_store_stats()["x509_ca"] == 1
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(stack_url, context=ssl.create_default_context())  # noqa: S310


def test_none_of_the_stacks_packages_is_needed() -> None:
    assert {"certs", "rich", "cryptography", "dotenv"}.isdisjoint(sys.modules)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("rich")
