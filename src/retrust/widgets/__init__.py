"""The live views: traits and glue between the core and the page."""

from retrust.widgets.panel import PairWidget, PickWidget
from retrust.widgets.session import SessionWidget
from retrust.widgets.widget import ExplanationWidget

__all__ = ["ExplanationWidget", "PairWidget", "PickWidget", "SessionWidget"]
