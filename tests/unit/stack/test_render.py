"""nginx's templates, filled without Docker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from certs import limits
from stack.local import prepare, render
from stack.settings import read


def test_variables_of_this_project_alone_are_filled() -> None:
    assert (
        render.fill("a ${NAME} $host ${lower} $NAME", {"NAME": "b"}) == "a b $host ${lower} $NAME"
    )


def test_a_variable_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="OTHER"):
        render.fill("${OTHER}", {"NAME": "b"})


@pytest.mark.parametrize(
    ("bind", "listen"), [("127.0.0.1", "127.0.0.1:8443"), ("::1", "[::1]:8443")]
)
def test_nginx_listens_on_the_address_of_bind(bind: str, listen: str, tmp_path: Path) -> None:
    settings = read({"HOME": str(tmp_path), "BIND": bind})
    values = render.variables(settings, tmp_path / "s", http2=True)
    assert values["LISTEN_HTTPS"] == listen


@pytest.mark.parametrize(
    ("port", "origin"), [("80", "http://localhost"), ("8080", "http://localhost:8080")]
)
def test_an_origin_leaves_its_schemes_own_port_out(port: str, origin: str, tmp_path: Path) -> None:
    settings = read({"HOME": str(tmp_path), "HTTP_PORT": port})
    values = render.variables(settings, tmp_path / "s", http2=True)
    assert f"http://localhost{values['HTTP_PORT_IN_ORIGIN']}" == origin


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({}, ("the app", "")),
        ({"APP": "shop.asgi:app"}, ("the app", "")),
        ({"UPSTREAM": "web:3000"}, ("UPSTREAM web:3000", "")),
        (
            {"SITES": "a.localhost=127.0.0.1:1, *.B.localhost=[::1]:2"},
            (
                "the app",
                'site0 "SITES a.localhost=127.0.0.1:1";site1 "SITES *.b.localhost=[::1]:2";',
            ),
        ),
    ],
)
def test_a_server_is_called_by_what_was_set(
    env: dict[str, str], names: tuple[str, str], tmp_path: Path
) -> None:
    settings = read({"HOME": str(tmp_path), **env})
    values = render.variables(settings, tmp_path / "s", http2=True)
    assert (values["UPSTREAM_NAME"], values["SITE_NAMES"]) == names


@pytest.mark.parametrize(("http2", "rendered"), [(True, "on"), (False, "off")])
def test_http2_is_a_matter_of_the_nginx_that_runs(
    http2: bool, rendered: str, tmp_path: Path
) -> None:
    settings = read({"HOME": str(tmp_path)})
    values = render.variables(settings, tmp_path / "s", http2=http2)
    assert values["HTTP2"] == rendered


def test_earlier_rendering_leaves_nothing(tmp_path: Path) -> None:
    settings = read({"HOME": str(tmp_path)})
    values = render.variables(settings, tmp_path / "s", http2=True)
    made = tmp_path / "nginx"
    render.render(values, made)
    (made / "conf.d" / "old.conf").touch()
    render.render(values, made)
    assert sorted(path.name for path in (made / "conf.d").iterdir()) == [
        "console.conf",
        "leaf.conf",
        "limits.conf",
        "metrics.conf",
        "origins.conf",
        "public.conf",
        "sites.conf",
        "tls.conf",
        "trust_page.conf",
        "upstream.conf",
        "workers",
    ]
    rendered = "".join(path.read_text() for path in made.rglob("*.conf"))
    # Holes of releases that local mode may run: HTTP/2, and a variable in `root`.
    assert "http2 on;" in rendered
    roots = re.findall(r'^ *root "(.*)";', rendered, re.MULTILINE)
    assert roots == [f"{tmp_path}/s/{folder}" for folder in ("acme", "leaf/public", "leaf/public")]
    assert "${" not in "".join(path.read_text() for path in (made / "conf.d").iterdir())


def test_nginx_tells_the_metrics_process_of_requests_only_where_there_is_one(
    tmp_path: Path,
) -> None:
    def log(**env: str) -> str:
        settings = read({"HOME": str(tmp_path), **env})
        return render.variables(settings, Path("/run/s"), http2=True)["METRICS_LOG"]

    assert log() == ""
    assert "server=unix:/run/s/metrics.sock," in log(METRICS_PORT="9090")


@pytest.mark.parametrize(
    ("most", "allowed", "connections", "files"),
    [
        ("4096", 2**20, "9216", "18432"),
        ("16384", 2**20, "33792", "67584"),
        ("16384", 20000, "33792", "20000"),
        ("3", 2**20, "9216", "18432"),
    ],
    ids=["default", "the most", "a system that allows less", "idle clients are none of them"],
)
def test_worker_has_room_for_all_connections(
    most: str,
    allowed: int,
    connections: str,
    files: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(render, "allowed_files", lambda: allowed)
    settings = read({"HOME": str(tmp_path), "MAX_CONNECTIONS": most})
    values = render.variables(settings, tmp_path / "s", http2=True)
    assert (values["WORKER_CONNECTIONS"], values["WORKER_FILES"]) == (connections, files)


@pytest.mark.parametrize(("most", "warned"), [("10000", False), ("10001", True)])
def test_system_that_allows_too_few_files_is_named(
    most: str, warned: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(render, "allowed_files", lambda: 20000)
    prepare._check_files(limits.read({"MAX_CONNECTIONS": most}))
    assert ("take: MAX_CONNECTIONS=10000 make up" in caplog.text) is warned
