"""JupyterLab as `make demo` and the browser tests start it: it asks nothing of any other host."""

from pathlib import Path

from traitlets.config import get_config

c = get_config()
c.LabApp.app_settings_dir = str(Path(__file__).parent)  # overrides.json: no news, no look for updates
c.LabApp.extension_manager = "readonly"
c.ServerApp.allow_root = True  # in a container there is no one else
