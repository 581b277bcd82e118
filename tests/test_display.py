"""Results show themselves."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import glass
import numpy as np
import pytest
from glass import Desk, until
from IPython.core.interactiveshell import InteractiveShell

import retrust as rt
from retrust.comparison import Comparison, Comparisons
from retrust.display import mimebundle, register, view
from retrust.errors import InstanceTypeError, RetrustWarning
from retrust.widgets import PairWidget, PickWidget

if TYPE_CHECKING:
    from pathlib import Path

bundle, desk, model = glass.bundle, glass.desk, glass.model  # pytest looks for fixtures here

WIDGET = "application/vnd.jupyter.widget-view+json"


def test_an_explanation_and_a_stream_are_viewed(desk: Desk) -> None:
    explanation = desk.explained()
    assert view(explanation).explanation is explanation
    live = view(desk.streamed(100))
    until(lambda: live.status["phase"] == "idle")
    assert live.readings[0]["n_samples"] == 100
    live.close()


@pytest.mark.parametrize("thing", ["a text", None, [1, 2]])
def test_something_else_is_refused_with_the_way_out(thing: Any) -> None:
    with pytest.raises(InstanceTypeError, match=rf"given a {type(thing).__name__}; .*rt\.explain"):
        view(thing)


def test_a_bundle_has_the_widget_a_picture_and_plain_text(desk: Desk) -> None:
    data, _ = mimebundle(desk.explained())
    assert set(data) == {WIDGET, "text/html", "text/plain"}
    assert data[WIDGET]["model_id"].startswith("glass-")
    assert data["text/html"].startswith('<section class="rts"')
    assert data["text/plain"] == str(desk.explained())


def test_a_widget_shown_by_hand_has_the_same_picture(desk: Desk) -> None:
    widget, _ = desk.show()
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["text/html"].startswith('<section class="rts"')
    assert bundle[0]["text/plain"] == str(widget.explanation)


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ({"include": {"text/plain"}}, {"text/plain"}),
        ({"exclude": {WIDGET}}, {"text/html", "text/plain"}),
        ({"include": {"text/html", "text/plain"}, "exclude": {"text/html"}}, {"text/plain"}),
        ({"include": {"image/png"}}, set()),
    ],
)
def test_only_what_is_wanted_is_in_a_bundle(desk: Desk, options: dict[str, Any], kinds: set[str]) -> None:
    assert set(mimebundle(desk.explained(), **options)[0]) == kinds


def test_no_widget_is_made_where_none_is_wanted(desk: Desk, bundle: Path) -> None:
    (bundle / "widget.js").unlink()  # so that making one would warn
    assert set(mimebundle(desk.explained(), exclude={WIDGET})[0]) == {"text/html", "text/plain"}


def test_without_the_built_page_the_picture_stands_alone_and_a_warning_says_why(desk: Desk, bundle: Path) -> None:
    (bundle / "widget.js").unlink()
    explanation = desk.explained()
    with pytest.warns(RetrustWarning, match="make build"):
        data, metadata = mimebundle(explanation)
    assert set(data) == {"text/html", "text/plain"}
    assert metadata == {}


def test_without_a_way_to_the_page_the_picture_stands_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: Any) -> None:
        raise RuntimeError("no comms here")

    monkeypatch.setattr("comm.create_comm", refuse)
    explanation = desk.explained()
    with pytest.warns(RetrustWarning, match="no comms here"):
        data, _ = mimebundle(explanation)
    assert set(data) == {"text/html", "text/plain"}


@pytest.fixture
def shell() -> Any:
    return InteractiveShell()  # type: ignore[no-untyped-call]


def test_in_a_kernel_an_explanation_draws_itself(desk: Desk, shell: Any) -> None:
    shell.kernel = object()
    assert register(shell)
    data, _ = shell.display_formatter.format(desk.explained())
    assert set(data) == {WIDGET, "text/html", "text/plain"}


def test_in_a_terminal_it_is_a_table(desk: Desk, shell: Any) -> None:
    assert not register(shell)
    data, _ = shell.display_formatter.format(desk.explained())
    assert set(data) == {"text/plain"}
    assert "good" in data["text/plain"]


def test_without_ipython_nothing_is_registered() -> None:
    assert not register(None)
    assert not register(SimpleNamespace(kernel=None))


def test_registering_imports_neither_the_widget_nor_the_core() -> None:
    code = (
        "import sys; from types import SimpleNamespace as S; from retrust.display import register;"
        "made = []; shell = S(kernel=1, display_formatter=S(mimebundle_formatter=S("
        "for_type_by_name=lambda *names: made.append(names[:2]))));"
        "assert register(shell); assert ('retrust.explanation', 'Explanation') in made and len(made) == 5, made;"
        "print([m for m in ('anywidget', 'ipywidgets', 'IPython', 'numpy', 'sklearn') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_registered_name_is_where_the_explanation_lives() -> None:
    assert (rt.Explanation.__module__, rt.Explanation.__name__) == ("retrust.explanation", "Explanation")


# --- many of them ----------------------------------------------------------------------------------------------------


@pytest.fixture
def panels(desk: Desk) -> Any:
    e = desk.explained(50)
    both = Comparison({"a": e, "b": e})
    return {"Pick": rt.pick([e, e], 1), "Comparison": both, "Comparisons": Comparisons((both, both))}


@pytest.mark.parametrize("name", ["Pick", "Comparison", "Comparisons"])
def test_a_panel_is_viewed_and_draws_itself(panels: Any, shell: Any, name: str) -> None:
    thing = panels[name]
    live = view(thing)
    assert isinstance(live, PickWidget if name == "Pick" else PairWidget)
    live.close()
    shell.kernel = object()
    register(shell)
    data, _ = shell.display_formatter.format(thing)
    assert set(data) == {WIDGET, "text/html", "text/plain"}
    assert data["text/html"].startswith('<section class="rts"')
    assert "overlap" in data["text/plain"] or "instances show" in data["text/plain"]


@pytest.mark.parametrize("name", ["Pick", "Comparison", "Comparisons"])
def test_a_panel_without_the_built_page_is_a_still_picture(panels: Any, bundle: Path, name: str) -> None:
    (bundle / "panel.css").unlink()
    with pytest.warns(RetrustWarning, match=r"panel\.css is missing.*make build"):
        data, _ = mimebundle(panels[name])
    assert set(data) == {"text/html", "text/plain"}


@pytest.mark.parametrize("thing", [rt.pick(np.eye(2), 1), Comparisons(())], ids=["a matrix", "nothing"])
def test_where_there_are_no_instances_the_table_alone_is_shown(bundle: Path, thing: Any) -> None:
    assert bundle
    assert mimebundle(thing) == ({"text/plain": str(thing)}, {})
    with pytest.raises(InstanceTypeError, match=rf"given a {type(thing).__name__}; .*\(not from a matrix\)"):
        view(thing)


def test_the_registered_panels_are_where_they_live() -> None:
    assert (rt.Pick.__module__, rt.Comparison.__module__) == ("retrust.picking", "retrust.comparison")
    assert rt.Comparisons.__module__ == "retrust.comparison"
