"""The settings of a deployment, read and checked before a Swarm is asked for anything."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import certs.settings
import stack.settings
from certs import nginx_values
from certs.errors import SettingError
from certs.names import parse_number

# Docker's own grammars: https://pkg.go.dev/github.com/distribution/reference
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_REGISTRY = re.compile(r"[a-zA-Z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*")
_MOST_REPLICAS = 1000
NAME = "wss-stack"
# A Swarm publishes ports on all addresses of its nodes, so figures would be public.
_OF_ONE_MACHINE = ("BIND", "METRICS_PORT")


@dataclass(frozen=True)
class Settings:
    name: str  # the stack's, before each of its services: wss-stack_app
    registry: str  # before the names of images, with a slash at its end; or empty
    tag: str
    replicas: int
    certs: certs.settings.Settings  # with a leaf folder apart from the machine's own stack
    raw: Mapping[str, str]  # the settings of nginx's container, with their defaults
    env: Mapping[str, str]  # for docker, and for the names in deploy/swarm.yml

    @property
    def images(self) -> dict[str, str]:
        """By the names that deploy/swarm.yml has for them."""
        return {
            f"IMAGE_OF_{name.upper()}": f"{self.registry}wss-stack-{name}:{self.tag}"
            for name in ("app", "nginx")
        }


def read(env: Mapping[str, str]) -> Settings:
    """Raises SettingError."""
    known = stack.settings.read({name: env[name] for name in env if name not in _OF_ONE_MACHINE})
    nginx_values.in_docker(known.certs)  # raises SettingError
    registry, tag = env.get("REGISTRY", "").rstrip("/"), env.get("TAG", "latest")
    if registry and not _REGISTRY.fullmatch(registry):
        raise SettingError(
            f"REGISTRY is {registry!r}; write a registry's name without https://, and a folder in "
            "it if your images have one: registry.example.com/team"
        )
    if not _TAG.fullmatch(tag):
        raise SettingError(f"TAG is {tag!r}; write letters, digits and .-_ such as 1.4.2")
    replicas = parse_number(env.get("REPLICAS", "3"), _MOST_REPLICAS)
    if replicas is None:
        raise SettingError(
            f"REPLICAS is {env['REPLICAS']!r}; write a number from 1 to {_MOST_REPLICAS}"
        )
    raw = {name: env.get(name, "") for name in nginx_values.RAW if name not in _OF_ONE_MACHINE}
    raw |= {name: str(known.endpoint.port(name)) for name in ("HTTPS_PORT", "HTTP_PORT")}
    found = Settings(
        name=env.get("COMPOSE_PROJECT_NAME", NAME),
        registry=f"{registry}/" if registry else "",
        tag=tag,
        replicas=0 if known.upstream else replicas,
        certs=replace(known.certs, leaf_dir=folder(known)),
        raw=raw,
        env={},
    )
    given = {
        **found.images,
        "REPLICAS": str(found.replicas),
        "APP_DIR": str(known.app_dir),
    }
    return replace(found, env={**env, **raw, **given})


def folder(known: stack.settings.Settings) -> Path:
    """What is handed over: the leaf, its hosts, the trust page and nginx's values."""
    return known.state_dir / "swarm"
