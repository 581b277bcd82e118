"""What the package shows to its users, and what it does not load for them."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys

import pytest

import retrust as rt

PUBLIC = [
    "Comparison",
    "Comparisons",
    "Dataset",
    "Domain",
    "Drop",
    "Explainer",
    "Explanation",
    "Explanations",
    "Feature",
    "Fit",
    "Image",
    "Independent",
    "Lasso",
    "Ledger",
    "Mark",
    "Pairs",
    "Penalty",
    "Pick",
    "Representation",
    "RetrustError",
    "Revision",
    "Ridge",
    "Session",
    "Stream",
    "Suggestion",
    "Swap",
    "Table",
    "Text",
    "Tree",
    "UniformCount",
    "Vocabulary",
    "cached",
    "collocations",
    "corrected",
    "datasets",
    "errors",
    "explain",
    "exponential",
    "from_dict",
    "load",
    "merged",
    "more",
    "onnx",
    "penalty",
    "pick",
    "shapley",
    "torch",
    "view",
    "visual_words",
]
HEAVY = [
    "IPython",
    "anywidget",
    "ipywidgets",
    "lime",
    "matplotlib",
    "onnxruntime",
    "polars",
    "skimage",
    "torch",
    "tqdm",
    "traitlets",
]
SCIENCE = ["numpy", "pandas", "pyarrow", "scipy", "sklearn"]  # scikit-learn loads pandas itself, where it is there


def said_by(code: str) -> object:
    """Run code in a fresh interpreter and read what it prints last as JSON."""
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_the_public_names_are_these_and_no_others() -> None:
    assert rt.__all__ == PUBLIC
    assert dir(rt) == sorted([*PUBLIC, "__version__"])


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    thing = getattr(rt, name)
    assert inspect.getdoc(thing)
    assert getattr(thing, "__name__", name).split(".")[-1] == name


def test_another_name_is_told_with_those_that_there_are() -> None:
    with pytest.raises(AttributeError, match=r"module 'retrust' has no attribute 'Nobody'; it has .*Domain, Drop"):
        _ = rt.Nobody


def test_importing_loads_no_science_and_no_notebook() -> None:
    code = f"import json, sys, retrust; print(json.dumps([m for m in {HEAVY + SCIENCE} if m in sys.modules]))"
    assert said_by(code) == []


def test_explaining_a_text_loads_no_notebook_and_no_images() -> None:
    code = (
        "import json, sys, numpy, retrust as rt\n"
        "e = rt.explain(lambda ts: numpy.array([float('a' in t) for t in ts]), 'a b', n_samples=50)\n"
        f"str(e), json.dumps(e.to_dict()); print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    )
    assert said_by(code) == []


def test_every_error_is_a_retrust_error_and_one_that_people_expect() -> None:
    expected = {
        "InstanceError": ValueError,
        "InstanceTypeError": TypeError,
        "OptionError": ValueError,
        "ModelOutputError": ValueError,
        "ModelFailure": RuntimeError,
        "UnknownFeature": KeyError,
        "UnknownTarget": KeyError,
        "DetachedError": RuntimeError,
        "ContractError": ValueError,
    }
    for name, base in expected.items():
        error = getattr(rt.errors, name)
        assert issubclass(error, rt.RetrustError)
        assert issubclass(error, base)
    assert str(rt.errors.UnknownTarget("a 'plain' sentence")) == "a 'plain' sentence"
    assert str(rt.RetrustError()) == ""
    assert issubclass(rt.errors.UnknownTarget, ValueError)
    for name in ("ConstantModelWarning", "PartialWarning"):
        assert issubclass(getattr(rt.errors, name), UserWarning)
