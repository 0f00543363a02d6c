"""python -m stack.swarm: the commands behind make's swarm- targets."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence

from certs import near_misses, nginx_values, output
from certs.dotenv import merged_environment
from certs.errors import SettingError
from stack.base import StackError
from stack.swarm import leaf, services, versioned
from stack.swarm.engine import Engine, Node
from stack.swarm.settings import Settings, read

log = logging.getLogger(__name__)

FILE = "deploy/swarm.yml"
# The label of a secret, with the day on which its leaf ends.
_EXPIRES = "wss-stack.expires"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0, 1 for what went wrong, 2 for wrong settings or usage."""
    parser = argparse.ArgumentParser(
        prog="python -m stack.swarm", description="Runs the stack on a Docker Swarm."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    for run, what in (
        (images, "build the images, and push them to REGISTRY"),
        (deploy, "deploy the stack, or change it, and wait"),
        (status, "show nodes, services and what is wrong"),
        (rotate, "hand over a new certificate"),
        (remove, "remove the stack and its secrets"),
    ):
        commands.add_parser(run.__name__, help=what).set_defaults(run=run)
    options = parser.parse_args(arguments)
    return output.exit_status("wss-stack", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    with output.told(lambda text: print(f"wss-stack: {text}", file=sys.stderr, flush=True)):
        for text in near_misses.find():
            log.warning("%s", text)
        return int(options.run(merged_environment()))


def images(env: Mapping[str, str]) -> int:
    settings = read(env)
    if not settings.registry:
        log.warning("REGISTRY is unset: the images stay on this machine")
    engine = Engine(settings.env)
    compose = ("compose", "--env-file", os.devnull, "--file", FILE)
    engine.show(*compose, "build", to=sys.stderr)
    if settings.registry:
        engine.show(*compose, "push", "app", "nginx", to=sys.stderr)
    print("\n".join(settings.images.values()))
    return 0


def deploy(env: Mapping[str, str]) -> int:
    settings = read(env)
    engine = Engine(settings.env)
    nodes = engine.check()
    _warn_of(nodes)
    images = _images(settings, engine, nodes)
    before = services.look(settings.name, engine)
    leaf.make(settings.certs)
    values = nginx_values.as_shell(settings.raw, nginx_values.in_docker(settings.certs))
    given = {
        **images,
        "LEAF_SECRET": _hand_over_leaf(settings, engine),
        "VALUES_CONFIG": versioned.create(
            "config", settings.name, "nginx-values", values.encode(), engine, {}
        ),
    }
    engine = Engine({**settings.env, **given})
    log.info("deploying %s, and waiting for its replicas", settings.name)
    flags = ("--detach=false", "--quiet", "--prune", "--with-registry-auth")
    services.wait(
        settings.name,
        engine,
        before,
        ("stack", "deploy", *flags, "--resolve-image=never", "-c", FILE, settings.name),
    )
    _forget_old(settings, engine)
    port = settings.certs.endpoint.https_port
    up = sum(node.is_up for node in nodes)
    print(f"{settings.name} runs. nginx listens on port {port} of each node ({up}).")
    print("Next: make swarm-status, and for a new certificate: make swarm-rotate")
    return 0


def status(env: Mapping[str, str]) -> int:
    settings = read(env)
    engine = Engine(settings.env)
    nodes = engine.check()
    found = services.look(settings.name, engine)
    if not found:
        log.info("no stack %s is on this swarm; deploy it: make swarm-deploy", settings.name)
        return 1
    engine.show("node", "ls")
    print()
    engine.show("stack", "services", settings.name)
    secret = found[f"{settings.name}_certs"].leaf
    if expires := versioned.label("secret", secret, _EXPIRES, engine):
        print(f"\nThe certificate expires on {expires}; a new one: make swarm-rotate")
    wrong = [*_warn_of(nodes), *services.problems(found.values())]
    for text in services.task_errors(settings.name, engine) if wrong else ():
        print(text)
    return 1 if wrong else 0


def rotate(env: Mapping[str, str]) -> int:
    settings = read(env)
    engine = Engine(settings.env)
    _warn_of(engine.check())
    before = services.look(settings.name, engine)
    if not before:
        raise StackError(f"no stack {settings.name} is on this swarm; deploy it: make swarm-deploy")
    leaf.make(settings.certs, renew=True)
    new = _hand_over_leaf(settings, engine)
    service = f"{settings.name}_certs"
    target = f"source={new},target=leaf,uid=101,gid=101,mode=0400"
    secrets = ("--secret-rm", before[service].leaf, "--secret-add", target)
    services.wait(
        settings.name,
        engine,
        before,
        ("service", "update", "--detach=false", "--quiet", *secrets, service),
    )
    _forget_old(settings, engine)
    print("Each node that is up serves the new certificate now.")
    return 0


def remove(env: Mapping[str, str]) -> int:
    settings = read(env)
    engine = Engine(settings.env)
    engine.check()
    if services.look(settings.name, engine):
        engine.show("stack", "rm", "--detach=false", settings.name)
    # Where a deployment failed, there are some without a stack.
    for kind in versioned.KINDS:
        versioned.remove_others(kind, settings.name, (), engine)
    print(f"{settings.name} is removed. Images and volumes of the nodes stay.")
    return 0


def _warn_of(nodes: Sequence[Node]) -> list[Node]:
    """The nodes that are down."""
    down = [node for node in nodes if not node.is_up]
    for node in down:
        log.warning(
            "node %s does not answer: the others run its replicas. If it is gone for good: "
            "docker node rm --force %s%s",
            node.name,
            node.name,
            f", after: docker node demote {node.name}" if node.manager else "",
        )
    return down


def _images(settings: Settings, engine: Engine, nodes: Sequence[Node]) -> dict[str, str]:
    """The images by their digests: a service is updated if what is in its image changed, and
    not for another tag of the same. So a new app leaves nginx and its WebSockets alone.

    Raises StackError, SettingError: else the nodes would try for ever, and say it nowhere.
    """
    if not settings.registry and len(nodes) > 1:
        raise SettingError(
            f"REGISTRY is unset, and this swarm has {len(nodes)} nodes, which have no images of "
            "this machine. Name a registry that all of them reach: "
            "REGISTRY=registry.example.com/team make swarm-images swarm-deploy"
        )
    found = {}
    for name, image in settings.images.items():
        try:
            if settings.registry:
                engine.output("pull", "--quiet", image, seconds=600)
            path = "{{json .RepoDigests}}"
            digests = json.loads(engine.output("image", "inspect", "--format", path, image))
        except StackError as error:
            raise StackError(
                f"the manager cannot get {image}. {error}. Has it been made? "
                f"make swarm-images, with the same REGISTRY and TAG"
            ) from error
        ours = (one for one in digests if one.startswith(f"{image.rpartition(':')[0]}@"))
        found[name] = next(ours, image) if settings.registry else image
    return found


def _hand_over_leaf(settings: Settings, engine: Engine) -> str:
    """The name of its secret."""
    folder = settings.certs.leaf_dir
    labels = {_EXPIRES: leaf.expiry(folder)}
    return versioned.create("secret", settings.name, "leaf", leaf.archive(folder), engine, labels)


def _forget_old(settings: Settings, engine: Engine) -> None:
    """Removes secrets and configs, except those in use and those that a rollback leads to."""
    used = services.look(settings.name, engine).values()
    kept = {name for service in used for name in service.uses}
    for kind in versioned.KINDS:
        versioned.remove_others(kind, settings.name, kept, engine)
