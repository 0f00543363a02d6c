"""What is sent."""

from __future__ import annotations

import zlib

import pytest

from bench import messages
from bench.messages import Case


@pytest.mark.parametrize("size", [128, 4096, 262144])
@pytest.mark.parametrize("json", [False, True], ids=["binary", "json"])
def test_message_has_the_size_that_is_named(size: int, json: bool) -> None:
    assert len(messages.message(Case(size, 1, json=json))) == size


def test_json_is_text_and_shrinks_when_it_is_deflated() -> None:
    sent = messages.message(Case(4096, 1, json=True))
    sent.decode()
    assert len(messages.deflated(sent)) < len(sent) / 2


@pytest.mark.parametrize("payload", [b"", b"a", b"abc" * 5000])
def test_what_is_deflated_comes_back(payload: bytes) -> None:
    assert messages.inflated(messages.deflated(payload)) == payload


@pytest.mark.parametrize(
    ("case", "label"),
    [
        (Case(128, 1), "128 B, 1 connection"),
        (Case(16384, 32), "16 KiB, 32 connections"),
        (Case(2**20, 1), "1 MiB, 1 connection"),
        (Case(4096, 8, json=True), "4 KiB of JSON, 8 connections"),
    ],
)
def test_case_is_named_by_what_it_sends(case: Case, label: str) -> None:
    assert case.label == label


@pytest.mark.parametrize(
    ("accepted", "bits"),
    [
        ("permessage-deflate", 15),
        ("permessage-deflate; server_max_window_bits=10", 15),
        ("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12", 12),
    ],
)
def test_compression_keeps_to_the_window_of_the_server(accepted: str, bits: int) -> None:
    assert messages.window_bits(accepted) == bits


def test_what_is_deflated_for_a_small_window_comes_back_through_it() -> None:
    sent = messages.message(Case(65536, 1, json=True))
    back = zlib.decompressobj(wbits=-9).decompress(messages.deflated(sent, 9) + b"\0\0\xff\xff")
    assert back == sent
