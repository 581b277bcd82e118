"""A real JupyterLab in a real Chromium, driven as a reader drives it.

A test writes its notebook on the fly, and may ask the page, the kernel and the accessibility tree::

    def test_a_click_takes_a_word_away(notebook):
        nb = notebook("import retrust as rt", "view = rt.view(rt.explain(model, 'some text'))", "view")
        nb.widget.get_by_role("button", name="some").click()
        nb.until("view.look['off'] == [0]")
"""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Locator, Page

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = Path(__file__).parent / "screenshots"
HOMES = ("IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
NOTEBOOKS = ROOT / "notebooks"
LAB = ROOT / "scripts" / "lab"
SETTINGS = {
    **json.loads((LAB / "overrides.json").read_text("utf-8")),
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
}

CHROMIUM = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking")
ELSEWHERE = re.compile(r"^(https?|wss?)://(?!(127\.0\.0\.1|localhost|\[::1\])[:/])")

WIDGET = ".rt"  # the root of a retrust widget
LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"

UNCOVERED = "!document.getElementById('jupyterlab-splash')"
READY = f"window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle' && {UNCOVERED}"
OUTPUTS = "jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.outputs?.toJSON() ?? [])"
RUN = "window.ran = null; jupyterapp.commands.execute('notebook:run-all-cells').then(() => { window.ran = true; }); 0"
EVALUATE = """async expression => {
  const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const request = {code: '', user_expressions: {answer: expression}, store_history: false};
  const late = new Promise((_, fail) => setTimeout(fail, 60000, new Error('the kernel does not answer')));
  const reply = await Promise.race([kernel.requestExecute(request).done, late]);
  return reply.content.user_expressions.answer;
}"""
RUN_AXE = """selector => {
  document.body.style.height = '100vh';  // Lab's is 0 and clips: axe-core would take the whole page for hidden
  return axe.run(selector).finally(() => { document.body.style.height = ''; });
}"""
AS_JSON = "__import__('json').dumps({}, default=lambda x: x.tolist() if hasattr(x, 'tolist') else str(x))"


class Lab:
    """One JupyterLab server, on a port and in a folder of its own; it knows no one's settings."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._token = secrets.token_hex(16)
        self._port = _free_port()
        self._log = folder / "jupyterlab.log"
        settings = folder / "settings"
        settings.mkdir()
        (settings / "overrides.json").write_text(json.dumps(SETTINGS), "utf-8")
        shutil.copytree(NOTEBOOKS, self.root / "notebooks", ignore=shutil.ignore_patterns(".*"))
        options = {
            "--config": LAB / "config.py",
            "--LabApp.app_settings_dir": settings,
            "--ServerApp.port": self._port,
            "--ServerApp.root_dir": self.root,
            "--IdentityProvider.token": self._token,
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser"]
        with self._log.open("wb") as log:
            self._server = subprocess.Popen(
                [*command, *(f"{name}={value}" for name, value in options.items())],
                env={**os.environ, **{home: str(folder / home.lower()) for home in HOMES}},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def url(self, path: str) -> str:
        """Address of a page, or of a part of the server's interface."""
        return f"http://127.0.0.1:{self._port}/{path}?token={self._token}"

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the server's interface."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url(path), data=data, method=method)  # noqa: S310 - always http
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read() or "null")

    def wait(self, seconds: float = 60) -> None:
        """Wait until the server answers."""
        end = time.monotonic() + seconds
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"JupyterLab does not start:\n{self._log.read_text('utf-8')}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        """Tell whether the server is up."""
        try:
            self.ask("GET", "api/status")
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End the server and its kernels."""
        self._server.terminate()
        self._server.wait(30)


@dataclass(frozen=True)
class Accessible:
    """What a screen reader learns of one element."""

    role: str
    name: str
    states: Mapping[str, Any]  # pressed, disabled, expanded, level, valuetext … and description


class Notebook:
    """A notebook open in JupyterLab, with a kernel of its own."""

    def __init__(self, lab: Lab, page: Page, path: str) -> None:
        self.lab, self.page, self.path = lab, page, path
        kernel = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        self._session = lab.ask("POST", "api/sessions", kernel)["id"]  # the kernel starts while the page loads
        page.goto(lab.url(f"lab/workspaces/{Path(path).stem}/tree/{path}"))
        page.wait_for_function(READY, timeout=60_000)

    # ---- run ----

    def start(self) -> None:
        """Run all cells, and do not wait for them."""
        self.page.evaluate(RUN)

    def finish(self, seconds: float = 60) -> Notebook:
        """Wait until the cells have run, or one has failed."""
        self.page.wait_for_function("window.ran", timeout=seconds * 1000)
        return self

    def run(self, seconds: float = 60) -> Notebook:
        """Run all cells and wait for them."""
        self.start()
        return self.finish(seconds)

    def interrupt(self) -> None:
        """Interrupt the kernel, as the stop button in the toolbar does."""
        self.page.evaluate("jupyterapp.commands.execute('notebook:interrupt-kernel')")

    # ---- look ----

    @property
    def widget(self) -> Locator:
        """The first retrust widget, once it is drawn; where an error stands instead, its words."""
        self.page.wait_for_function(
            f"document.querySelector('{WIDGET}') || {OUTPUTS}.flat().some(output => output.output_type === 'error')",
            timeout=60_000,
        )
        assert not self.errors, "\n".join(self.errors)
        return self.page.locator(WIDGET).first

    @property
    def outputs(self) -> list[list[dict[str, Any]]]:
        """The outputs of each cell, as a saved notebook holds them."""
        found: list[list[dict[str, Any]]] = self.page.evaluate(OUTPUTS)
        return found

    @property
    def errors(self) -> list[str]:
        """What the cells raised."""
        errors = (output for cell in self.outputs for output in cell if output["output_type"] == "error")
        return [f"{error['ename']}: {error['evalue']}" for error in errors]

    def screenshot(self, name: str, selector: str | None = None) -> Path:
        """Take a picture of the page, or of the first element that matches; ``name`` without ``.png``."""
        path = SCREENSHOTS / f"{name}.png"
        if selector is None:
            self.page.screenshot(path=path)
        else:
            self.page.locator(selector).first.screenshot(path=path)
        return path

    def violations(self, selector: str = WIDGET) -> list[str]:
        """What axe-core finds wrong inside an element."""
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate(RUN_AXE, selector)
        judged = {rule["id"] for rule in found["passes"] + found["violations"]}
        assert "color-contrast" in judged, "axe-core saw no text here"
        return [f"{rule['id']}: {rule['help']} – {n['html']}" for rule in found["violations"] for n in rule["nodes"]]

    def accessible(self, selector: str = WIDGET) -> list[Accessible]:
        """The browser's accessibility tree inside an element, in reading order."""
        tree = self.page.context.new_cdp_session(self.page)
        element = tree.send("Runtime.evaluate", {"expression": f"document.querySelector({json.dumps(selector)})"})
        nodes = tree.send("Accessibility.queryAXTree", {"objectId": element["result"]["objectId"]})["nodes"]
        tree.detach()
        return [_accessible(node) for node in nodes if not node["ignored"] and node["role"]["value"] != "InlineTextBox"]

    # ---- ask and act ----

    def kernel(self, expression: str) -> Any:
        """Value of a Python expression in the kernel, as JSON can say it."""
        answer = self.page.evaluate(EVALUATE, AS_JSON.format(expression))
        assert answer["status"] == "ok", f"{answer['ename']}: {answer['evalue']}"
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def until(self, expression: str, seconds: float = 10) -> None:
        """Wait until a Python expression is true in the kernel."""
        end = time.monotonic() + seconds
        while not self.kernel(f"bool({expression})"):
            assert time.monotonic() < end, f"not so after {seconds} s: {expression}"
            self.page.wait_for_timeout(50)

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme, to ``LIGHT`` or ``DARK``."""
        self.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        self.page.wait_for_function(f"name => document.body.dataset.jpThemeName === name && {UNCOVERED}", arg=name)

    def save(self) -> Path:
        """Save the notebook; its path on the disk."""
        self.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        return self.lab.root / self.path

    def reload(self) -> None:
        """Save the notebook and reload the page; the kernel lives on."""
        self.save()
        self.page.reload()
        self.page.wait_for_function(READY, timeout=60_000)

    def close(self) -> None:
        """End the kernel and close the page."""
        if self.page.evaluate("document.body.dataset.jpThemeName") != LIGHT:
            self.theme(LIGHT)  # it is the server's setting, and the next page's
        self.page.close()
        self.lab.ask("DELETE", f"api/sessions/{self._session}")


class Open(Protocol):
    """Open a notebook of these cells, or the one at ``path``; run it, unless told otherwise."""

    def __call__(self, *cells: str, path: str | None = None, run: bool = True) -> Notebook: ...


def _accessible(node: Mapping[str, Any]) -> Accessible:
    """Read one node of the accessibility tree."""
    states = {state["name"]: state["value"].get("value") for state in node.get("properties", ())}
    if description := node.get("description", {}).get("value"):
        states["description"] = description
    return Accessible(node["role"]["value"], node.get("name", {}).get("value", ""), states)


def _free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
