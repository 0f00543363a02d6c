"""make logs ID=...: one connection through nginx and the app."""

from __future__ import annotations

import json
import re
import uuid

from tests.support.running import Running


def opened_and_closed(stack: Running) -> str:
    """The request id of a connection that has ended, by nginx's line of it."""
    mark = uuid.uuid4().hex
    with stack.connect(f"/ws?mark={mark}") as client:
        client.send("hello")
        assert client.recv(timeout=10) == "hello"
    line = stack.wait_for_log(f'"uri":"/ws?mark={mark}"')
    found: str = json.loads(line[line.index("{") :])["request_id"]
    return found


def test_one_connection_is_followed_by_the_first_digits_of_its_id(stack: Running) -> None:
    other, asked = opened_and_closed(stack), opened_and_closed(stack)
    done = stack.cli("logs", "--id", asked[:12])
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line for line in lines if asked not in line] == []
    of_app = [line for line in lines if line.startswith("app   | ")]
    said = [word for line in of_app for word in re.findall("opened|received|replied|closed", line)]
    assert said == ["opened", "received", "replied", "closed"]
    assert len([line for line in lines if line.startswith("nginx | ")]) == 1
    assert other not in done.stdout


def test_id_that_nobody_had_is_an_error_that_says_where_ids_are(stack: Running) -> None:
    done = stack.cli("logs", "--id", uuid.uuid4().hex)
    assert (done.returncode, done.stdout) == (1, "")
    assert "no line of nginx or the app has a request id" in done.stderr
    assert "make logs" in done.stderr
