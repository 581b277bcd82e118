"""What figures depend on beside the code: the machine, versions of packages, and which packages there are."""

from __future__ import annotations

import importlib
import os
import platform
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_info

RIVALS = ("lime", "shap", "captum", "eli5", "shapiq")
OURS = ("retrust", "numpy", "scipy", "scikit-learn", "scikit-image", "pandas", "joblib", "distributed")
MODELS = ("torch", "onnxruntime")


@cache
def imported(name: str) -> Any:
    """Import a module; where that fails, return the reason as a string."""
    package = name.partition(".")[0]
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        gone = error.name == package
        return f"{package} not installed" if gone else f"{package} does not import ({error})"
    except Exception as error:  # noqa: BLE001 – whatever another's package raises, the other rows can be measured
        return f"{package} does not import ({type(error).__name__}: {error})"


def missing(*names: str) -> str | None:
    """Say which modules cannot be had, and why; None where all can."""
    reasons = dict.fromkeys(reason for reason in map(imported, names) if isinstance(reason, str))
    return f"not measured: {' and '.join(reasons)}" if reasons else None


def versions() -> dict[str, str]:
    """Return the versions of Python and of all packages that matter and are installed."""
    known = {"python": platform.python_version()}
    for name in (*OURS, *RIVALS, *MODELS):
        with suppress(metadata.PackageNotFoundError):
            known[name] = metadata.version(name)
    return known


def machine() -> dict[str, Any]:
    """Describe the machine: processor, cores, memory, system, threads of matrix products."""
    threads = {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "gigabytes": _memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "blas_threads": max(threads, default=None),
    }


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, ValueError, OSError):  # not every system tells
        return None


def load() -> float | None:
    """Return how many processes wanted a core in the last minute, on average."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None
