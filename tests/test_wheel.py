"""What users install: it carries the page's bundle, needs no Node, and explains where there is no Jupyter at work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STATIC = {f"retrust/static/{name}" for name in ("widget.js", "widget.css", "page.js")}
PURE = {"anywidget", "ipywidgets", "narwhals", "tqdm", "traitlets"}  # whose oldest release suits every Python

EXPLAIN = """
import shutil
assert shutil.which("node") is None

import numpy as np
import retrust as rt

model = lambda texts: np.array([[1 - .8 * ("good" in text), .8 * ("good" in text)] for text in texts])
explanation = rt.explain(model, "a good film", classes=["bad", "good"])
print(explanation)
print(len(rt.view(explanation).comm.comm_id) > 0)
"""


def run(*command: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a program, with nothing of this project on its path."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**inherited, **env}, check=False, capture_output=True, text=True
    )


def build(target: str, source: Path, into: Path) -> Path:
    """Build a wheel or an sdist; its path."""
    done = run(sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", into, cwd=source)
    assert done.returncode == 0, done.stderr
    return next(into.iterdir())


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def source(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist."""
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist as a user's pip may do."""
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, what it needs, and the oldest widgets that it allows."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder / "venv", with_pip=True)
    bounds = (re.match(r"([\w-]+).*>=([\d.]+)", need) for need in requires("retrust") or () if "extra" not in need)
    oldest = [f"{bound[1]}=={bound[2]}.*" for bound in bounds if bound and bound[1] in PURE]
    programs = folder / "venv" / "bin"
    done = run(programs / "python", "-m", "pip", "install", "--quiet", "--no-compile", wheel, *oldest, cwd=folder)
    assert done.returncode == 0, done.stderr
    return programs


def test_the_sdist_carries_the_bundle(source: Path) -> None:
    assert {name for name in STATIC if not (source / "src" / name).is_file()} == set()


def test_the_wheel_carries_the_bundle(wheel: Path) -> None:
    assert set(zipfile.ZipFile(wheel).namelist()) >= STATIC | {"retrust/py.typed"}


def test_no_wheel_is_built_without_the_bundle(source: Path, tmp_path: Path) -> None:
    bundle = source / "src" / "retrust" / "static" / "widget.js"
    aside = bundle.rename(tmp_path / "widget.js")
    done = run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path, cwd=source)
    aside.rename(bundle)
    assert done.returncode != 0
    assert "no widget.js in src/retrust/static; a wheel needs them – run `make build` first" in done.stderr


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")
def test_git_knows_no_built_file() -> None:
    assert run("git", "ls-files", "src/retrust/static", "dist", cwd=ROOT).stdout == ""


def test_the_wheel_explains_in_a_bare_environment_without_node(bare: Path, tmp_path: Path) -> None:
    done = run(bare / "python", "-c", EXPLAIN, cwd=tmp_path, PATH=str(bare))
    assert done.returncode == 0, done.stderr
    assert re.search(r"good\s.*\+0\.\d+", done.stdout), done.stdout
