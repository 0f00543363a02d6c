"""What imports what: the arrow table of docs/architecture.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ARROWS: dict[str, set[str]] = {
    "app": set(),
    "uvicorn_runner": set(),
    "certs": set(),
    "metrics": set(),
    "stack": {"certs", "uvicorn_runner"},
    "trust": {"certs", "stack"},
    "bench": {"certs", "stack", "uvicorn_runner"},
}


def imported(file: Path, checkout: Path) -> Iterator[str]:
    """The project's modules that a module imports, inside functions too."""
    for node in ast.walk(ast.parse(file.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.partition(".")[0] in ARROWS:
                path = checkout / name.replace(".", "/")
                is_module = path.is_dir() or path.with_suffix(".py").exists()
                yield name if is_module else name.rpartition(".")[0]


def modules(package: str, checkout: Path) -> dict[str, set[str]]:
    """Each module of a package, with the modules that it imports."""
    found = {}
    for file in sorted((checkout / package).rglob("*.py")):
        name = ".".join(file.relative_to(checkout).with_suffix("").parts).removesuffix(".__init__")
        found[name] = set(imported(file, checkout)) - {name}
    return found


@pytest.mark.parametrize("package", ARROWS)
def test_package_imports_only_what_the_table_allows(package: str, checkout: Path) -> None:
    for module, targets in modules(package, checkout).items():
        others = {target.partition(".")[0] for target in targets} - {package}
        assert others <= ARROWS[package], module


@pytest.mark.parametrize("package", ARROWS)
def test_package_has_no_cycle_of_modules(package: str, checkout: Path) -> None:
    TopologicalSorter(modules(package, checkout)).prepare()  # raises CycleError


@pytest.mark.parametrize("package", ARROWS)
def test_package_has_no_cycle_of_folders(package: str, checkout: Path) -> None:
    def folder(module: str) -> str:
        """A module that lies in the package itself stands for itself."""
        parts = module.split(".")
        return ".".join(parts[:2])

    graph: dict[str, set[str]] = {}
    for module, targets in modules(package, checkout).items():
        edges = {folder(target) for target in targets if target.startswith(f"{package}.")}
        graph.setdefault(folder(module), set()).update(edges - {folder(module)})
    TopologicalSorter(graph).prepare()


def test_no_test_module_imports_another(checkout: Path) -> None:
    for file in (checkout / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                names = [*str(node.module).split("."), *(alias.name for alias in node.names)]
                assert not any(name.startswith("test_") for name in names), file
