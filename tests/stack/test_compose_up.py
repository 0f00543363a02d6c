"""docker compose up, with neither make nor Python on the host: docs/running.md."""

from __future__ import annotations

import re

from certs.dotenv import CHECKOUT
from tests.support import programs
from tests.support.clone import Clone
from tests.support.servers import somebodys_server
from tests.support.waiting import until

EVERYWHERE = "0.0.0.0"  # noqa: S104 # Docker's bridge


def documented() -> tuple[list[str], str]:
    """The command, and what to say too where the requirements have changed."""
    text = " ".join((CHECKOUT / "docs" / "running.md").read_text().split())
    (found,) = re.findall(r"same settings work for `([^`]*)`\. Add `([^`]*)` after", text)
    return found[0].split(), found[1]


def test_compose_up_serves_a_users_app_and_any_server(clone: Clone) -> None:
    command, build = documented()
    own = {"APP": "mypackage.main:app", "APP_REQUIREMENTS": "requirements.txt"}

    assert command[:2] == ["docker", "compose"]

    def up(*options: str, **settings: str) -> None:
        compose(clone, *command[2:], *options, **own, **settings)

    package = clone.checkout / "src" / "mypackage"
    package.mkdir()
    (package / "main.py").write_text(programs.source("apps/requiring.py"))
    requirements = clone.checkout / "src" / "requirements.txt"
    requirements.touch()
    up()
    assert said(clone, "/talk") == "False"
    requirements.write_text("iniconfig==2.3.0\n")
    up()
    assert said(clone, "/talk") == "False", "the document's --build is needed no more"
    up(build)
    assert said(clone, "/talk") == "True"

    with somebodys_server("api", EVERYWHERE) as api, somebodys_server("web", EVERYWHERE) as web:
        sites = f"api.localhost=host.docker.internal:{api}"
        up(SITES=sites)
        assert said(clone, "/", "api.localhost", "hello") == "api: 'hello'"
        assert said(clone, "/talk") == "True"
        up(SITES=sites, UPSTREAM=f"host.docker.internal:{web}")
        assert said(clone, "/", "localhost", "hello") == "web: 'hello'"
        assert said(clone, "/", "api.localhost", "hello") == "api: 'hello'"


def test_files_that_only_their_owner_may_read_are_served(clone: Clone) -> None:
    """As after `umask 077; git clone`. A mount keeps its modes, so an app is told of them."""
    package = clone.checkout / "src" / "mypackage"
    package.mkdir()
    (package / "main.py").write_text(programs.source("apps/requiring.py"))
    closed = clone.run("chmod", "-R", "go-rwx", ".", as_user=False)
    assert closed.returncode == 0, closed.stderr
    compose(clone, "up", "--detach", "--wait")
    clone.echo()
    assert "<h1>wss-stack <span>console" in clone.get("/.wss-stack/console/")

    own = {"APP": "mypackage.main:app"}
    compose(clone, "up", "--detach", **own)
    says = "APP is 'mypackage.main:app': /src is not readable for user 10001: "
    line = until(
        lambda: next((x for x in compose(clone, "logs", "app").splitlines() if says in x), ""),
        "the reason in the log",
    )
    fixed = clone.run("sh", "-c", line.partition(says)[2], as_user=False)
    assert fixed.returncode == 0, fixed.stderr
    compose(clone, "up", "--detach", "--wait", **own)
    # nginx looks each second where the app is, which has ended and begun until now.
    until(lambda: said(clone, "/talk") == "False", "nginx to find the app")


def test_comment_in_the_place_of_a_value_counts_as_unset(clone: Clone) -> None:
    """Compose, unlike others, takes it for the value."""
    names = ("HOSTS", "SITES", "PERMIT", "APP", "UPSTREAM", "ALLOWED_ORIGINS", "CONSOLE")
    own = ("CERT", "KEY")
    limits = ("MAX_CONNECTIONS", "MAX_CONNECTIONS_PER_ADDRESS")
    of_the_app = ("RELOAD", "LOG_LEVEL", "WS_MAX_SIZE", "WS_DEFLATE")
    lines = "".join(f"{name}= # none yet\n" for name in (*names, *own, *limits, *of_the_app))
    (clone.checkout / ".env").write_text(lines)
    assert "HOSTS: '# none yet'" in compose(clone, "config"), "Compose reads it otherwise now"
    compose(clone, "up", "--detach", "--wait")
    clone.echo()
    (clone.checkout / ".env").write_text("HOSTS=a.localhost\t# mine\nSITES=b.localhost=x:1\t#\n")
    compose(clone, "up", "--detach", "--wait")
    clone.echo("a.localhost")


def test_log_of_certs_has_the_addresses_and_its_container_sends_to_the_machine(
    clone: Clone,
) -> None:
    compose(clone, "up", "--detach", "--wait")
    log = compose(clone, "logs", "--no-log-prefix", "certs")
    url, page = f"localhost:{clone.https_port}", f"http://localhost:{clone.env['HTTP_PORT']}/"
    assert f"certs: addresses: https://{url}/, wss://{url}/ws (echo); trust page: {page}\n" in log
    for command in ("trust", "remove", "doctor"):
        inside = ("exec", "-T", "certs", "python", "-m", "certs", command)
        done = clone.run("docker", "compose", *inside, as_user=False)
        (line,) = done.stderr.splitlines()
        assert (done.returncode, done.stdout) == (1, "")
        assert f"certs: {command!r} is for the machine's trust stores" in line
        assert page in line


def compose(clone: Clone, *arguments: str, **env: str) -> str:
    done = clone.run("docker", "compose", *arguments, as_user=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def said(clone: Clone, path: str, host: str = "localhost", text: str = "") -> str:
    """The first message that comes back."""
    with clone.connect(path, host) as client:
        if text:
            client.send(text)
        return str(client.recv(timeout=10))
