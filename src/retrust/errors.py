"""The tree of errors.

::

    RetrustError
    ├── InstanceError (ValueError)           the instance cannot be explained
    │   └── InstanceTypeError (TypeError)    it is of the wrong type
    ├── OptionError (ValueError)             an argument makes no sense
    ├── ModelOutputError (ValueError)        the model answered, but not with numbers that can be used
    ├── ModelFailure (RuntimeError)          the model raised; the original error is its ``__cause__``
    ├── UnknownFeature (KeyError)            no feature has this name, key or number
    ├── UnknownTarget (KeyError, ValueError) no output has this name or number
    ├── DetachedError (RuntimeError)         the explanation travels without its model
    └── ContractError (ValueError)           a file or message does not follow the contract

    RetrustWarning (UserWarning)
    ├── ConstantModelWarning                 the outputs do not move on the neighbourhood
    └── PartialWarning                       sampling ended early; the result is kept

Every message says what was given, what is expected, and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class RetrustError(Exception):
    """Any error that retrust raises by itself.

    Attributes
    ----------
    partial : Explanation or None
        What had been learned when the error came, where there is anything.
    """

    partial: object | None = None

    def __str__(self) -> str:
        """Return the message as written (``KeyError`` would quote it)."""
        return str(self.args[0]) if self.args else ""


class InstanceError(RetrustError, ValueError):
    """The instance cannot be explained."""


class InstanceTypeError(InstanceError, TypeError):
    """The instance is of the wrong type."""


class OptionError(RetrustError, ValueError):
    """An argument makes no sense."""


class ModelOutputError(RetrustError, ValueError):
    """The model answered, but not with numbers that can be used."""


class ModelFailure(RetrustError, RuntimeError):
    """The model raised; the original error is the cause."""


class UnknownFeature(RetrustError, KeyError):
    """No feature has this name, key or number."""


class UnknownTarget(RetrustError, KeyError, ValueError):
    """No output has this name or number."""


class DetachedError(RetrustError, RuntimeError):
    """The explanation travels without its model; ``attach`` gives it back."""


class ContractError(RetrustError, ValueError):
    """A file or message does not follow the contract."""


class RetrustWarning(UserWarning):
    """Any warning that retrust gives by itself."""


class ConstantModelWarning(RetrustWarning):
    """The model's outputs do not move on the neighbourhood."""


class PartialWarning(RetrustWarning):
    """Sampling ended early; what was learned is kept."""


def listed(things: Iterable[object], most: int = 8) -> str:
    """Join a few things for a message, and say how many more there are.

    >>> listed(["a", "b", "c"], most=2)
    "'a', 'b' and 1 more"
    """
    shown = [repr(thing) for thing in things]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
