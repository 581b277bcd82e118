"""The floors of the house: imports run strictly downwards, and typing-only imports count too."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1] / "src" / "retrust"

FLOORS = (  # from the cellar to the roof; rooms on one floor do not see each other
    ("errors",),
    (
        "bins",
        "cachefiles",
        "job",
        "keys",
        "preview",
        "prose",
        "representation",
        "settling",
        "words",
        "photo",
        "workshop",
    ),
    ("ledger", "backdrop", "columns", "cover", "model", "networks", "rows", "sampling", "superpixels"),
    ("answers", "bag", "frames", "redrawing"),
    ("learning", "lending", "sparse_row"),
    ("journal", "neighbourhood", "population", "scoring", "domains", "datasets", "descriptors", "reach", "training"),
    ("assist", "plans"),
    ("surrogate", "encoding", "cells", "census", "penalising", "swapping", "tabular", "terms", "vocabulary"),
    ("dropping", "pairs", "siblings", "tree", "widths"),
    ("explanation",),
    ("study", "stream", "comparison", "contract", "correction", "explanations", "naming", "records", "tally"),
    ("parquet", "picture", "workers"),
    ("files", "picking", "poster", "sheet"),
    ("many", "measures", "panels", "plots"),
    ("explainer", "apart", "history"),
    ("diary", "marking", "recipe", "revising"),
    ("session",),
    ("loop",),
    ("export",),
    ("widgets",),
    ("display",),
    ("__init__",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

DOORS = {  # rooms that are opened when they are needed
    ("explanation", "records"),  # to_dict
    ("explanation", "export"),  # to_html
    ("explanation", "plots"),  # plot
    ("explanations", "files"),  # save
    ("picking", "export"),
    ("picking", "plots"),
    ("comparison", "export"),
    ("display", "picking"),
    ("display", "comparison"),
    ("display", "session"),
    ("session", "export"),
    ("vocabulary", "sheet"),  # how it shows itself
    ("display", "stream"),  # results are registered by name, and seen when they are there
    ("display", "explanation"),
    ("display", "export"),
    ("display", "widgets"),  # the class cannot be made without the bundle
}
HOSTS = {"IPython", "anywidget", "ipywidgets", "matplotlib", "traitlets"}
TYPED = {(room, "matplotlib") for room in ("explanation", "picking", "plots")}  # the type of an argument, never loaded


@dataclass(frozen=True)
class Import:
    """One import: who, what, and when it happens."""

    room: str
    module: str
    line: int
    late: bool
    typed: bool

    @property
    def package(self) -> str:
        """Name of the distribution's top module."""
        return self.module.partition(".")[0]

    @property
    def target(self) -> str:
        """Name of the module inside retrust."""
        return self.module.removeprefix("retrust").lstrip(".") or "__init__"

    def __str__(self) -> str:
        return f"{self.room}, line {self.line}, imports {self.module}"


def _room(path: Path) -> str:
    """Name a file as its importers do: ``domains.text``, ``widgets``, ``__init__``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and parts[:-1] else parts)


def _is_typed(node: ast.AST) -> bool:
    """Tell whether this is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _modules(node: ast.Import | ast.ImportFrom, room: str) -> Iterator[str]:
    """Name the modules that one statement imports."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        assert node.level == 0, f"{room}, line {node.lineno}: write the import out"
        rooms = [alias.name for alias in node.names if _exists(f"{node.module}.{alias.name}")]
        yield from (f"{node.module}.{name}" for name in rooms)
        if len(rooms) < len(node.names):
            yield node.module or ""


def _exists(module: str) -> bool:
    """Tell whether this is a module of retrust."""
    path = ROOT.parent.joinpath(*module.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def _imports(node: ast.AST, room: str, *, late: bool = False, typed: bool = False) -> Iterator[Import]:
    """Walk through a file's imports."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield from (Import(room, module, child.lineno, late, typed) for module in _modules(child, room))
        function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from _imports(child, room, late=late or function, typed=typed or _is_typed(child))


FILES = {_room(path): path for path in sorted(ROOT.rglob("*.py"))}
IMPORTS = [found for room, path in FILES.items() for found in _imports(ast.parse(path.read_text("utf-8")), room)]
INSIDE = [found for found in IMPORTS if found.package == "retrust"]


def _floor(room: str) -> int:
    """Number of a room's floor."""
    return FLOOR[room.partition(".")[0]]


@pytest.mark.parametrize("room", FILES)
def test_every_room_has_its_floor(room: str) -> None:
    assert room.partition(".")[0] in FLOOR, f"{room} is on no floor: tell tests/test_floors.py and CONTRIBUTING.md"


def _inside(found: Import) -> bool:
    """Tell whether a package imports its own rooms, or one view another's."""
    views = found.room.startswith("widgets.") and found.target.startswith("widgets.")
    return views or found.target.startswith(f"{found.room}.")


def test_imports_run_strictly_downwards() -> None:
    upwards = [
        str(found)
        for found in INSIDE
        if (found.room, found.target.partition(".")[0]) not in DOORS or not found.late
        if _floor(found.target) >= _floor(found.room) and not _inside(found)
    ]
    assert upwards == []


def test_late_imports_of_rooms_are_the_doors_and_no_others() -> None:
    late = {(found.room, found.target.partition(".")[0]) for found in INSIDE if found.late}
    assert late <= DOORS
    assert {door for door in DOORS if door[0] in FILES} == late, "a door that nobody uses"


def test_modules_are_imported_by_name_only_where_names_are_public() -> None:
    calls = {"import_module", "__import__"}
    users = {room for room, path in FILES.items() for name in calls if name in path.read_text("utf-8")}
    assert users <= {"__init__"}


def test_domains_do_not_see_one_another() -> None:
    neighbours = [str(found) for found in INSIDE if found.room.startswith("domains.") and "domains." in found.target]
    assert neighbours == []


def test_the_core_needs_no_jupyter_and_no_matplotlib() -> None:
    needs = [
        str(found)
        for found in IMPORTS
        if found.package in HOSTS and not found.late and _floor(found.room) <= FLOOR["session"]
        if not (found.typed and (found.room, found.package) in TYPED)
    ]
    assert needs == []


def test_only_images_load_scikit_image() -> None:
    users = {found.room for found in IMPORTS if found.package == "skimage"}
    assert users <= {"superpixels", "descriptors"}
