"""Refuse to pack a wheel or an sdist without the page's bundle."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STATIC = "src/retrust/static"
BUNDLE = ("widget.js", "widget.css", "page.js")


class BundleHook(BuildHookInterface[Any]):
    """Check that the bundle was built; an editable install may build it later."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Stop the build, with the way out, where the bundle is missing."""
        missing = [name for name in BUNDLE if not Path(self.root, STATIC, name).is_file()]
        if missing and version != "editable":
            raise FileNotFoundError(f"no {', '.join(missing)} in {STATIC}; a wheel needs them – run `make build` first")
