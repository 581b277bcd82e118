"""The live views: traits and glue between the core and the page."""

from retrust.widgets.widget import ExplanationWidget

__all__ = ["ExplanationWidget"]
