"""The lines of one connection, found by its request id."""

from __future__ import annotations

import pytest

from stack import connections
from stack.base import StackError

ONE, TWO = "57dae5b5162b4e2f2cb36811ddf64bad", "57dae5b5999999992cb36811ddf64bad"
LONGER = f"a{ONE}"
WRITTEN = {
    "app": [f"opened id={ONE} ", f"opened id={TWO}", f"token {LONGER}", "serving", f"x={ONE}"],
    "nginx": [f'{{"request_id":"{ONE}"}}', f'{{"request_id":"{TWO}"}}'],
}
OF_ONE = [f"app   | opened id={ONE} ", f"app   | x={ONE}", f'nginx | {{"request_id":"{ONE}"}}']


@pytest.mark.parametrize("asked", [ONE, ONE[:12], ONE[:9]])
def test_lines_of_one_connection_come_from_both(asked: str) -> None:
    assert connections.lines(asked, WRITTEN.__getitem__) == OF_ONE


def test_digits_that_several_ids_begin_with_are_refused_with_the_ids() -> None:
    with pytest.raises(StackError, match=f"2 connections .* make logs ID={ONE}.* {TWO}"):
        connections.lines("57da", WRITTEN.__getitem__)


@pytest.mark.parametrize("asked", ["", "57d", "57DAE5B5", "57dae5b5.*", f"{ONE}0", "-", "ws\n57da"])
def test_what_is_no_id_is_refused(asked: str) -> None:
    with pytest.raises(StackError, match=r"ID is .*request_id.*make logs"):
        connections.lines(asked, WRITTEN.__getitem__)


@pytest.mark.parametrize("asked", ["162b4e2f", "dae5b5162b", ONE[:-1] + "0"])
def test_id_is_looked_for_from_its_beginning(asked: str) -> None:
    with pytest.raises(StackError, match="no line"):
        connections.lines(asked, WRITTEN.__getitem__)
