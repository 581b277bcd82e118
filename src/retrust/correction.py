"""Corrections: what a ledger of marks does to the training rows and to the model that is trained on them.

A correction is an object with ``apply(dataset, ledger, domain)``, which returns the rows to train on, and, where
prediction must change too, ``at_prediction(ledger, domain)``, which returns a function from a batch of inputs to a
batch of inputs. No base class is asked of anybody; :class:`retrust.Drop`, :class:`retrust.Swap` and
:class:`retrust.Penalty` are three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from retrust.domains.image import Image
from retrust.dropping import Drop
from retrust.errors import OptionError
from retrust.swapping import Swap
from retrust.training import corrected_model, trained

if TYPE_CHECKING:
    from retrust.ledger import Ledger
    from retrust.representation import Domain
    from retrust.rows import Dataset


@runtime_checkable
class Correction(Protocol):
    """What is done to the training rows about marked parts.

    It may also have ``at_prediction(ledger, domain)``, ``describe(dataset, ledger, domain, model)``, which says
    beforehand what would change, and ``fitted(model, dataset, ledger, domain)``, which trains in a way of its own.
    """

    def apply(self, dataset: Dataset, ledger: Ledger, domain: Any) -> Dataset:
        """Return the rows to train on."""


class Choice(NamedTuple):
    """A correction and why it is this one."""

    correction: Drop | Swap
    because: str


def chosen(model: Any, domain: Domain | None, ledger: Ledger) -> Choice:
    """Choose a correction by rule: Drop for words and columns, Swap for pictures and what cannot be dropped.

    Parameters
    ----------
    model : estimator or trainer
    domain : Domain or None
    ledger : Ledger

    Examples
    --------
    >>> from retrust.domains.text import Text
    >>> from retrust.ledger import Ledger, Mark
    >>> print(chosen(None, Text(), Ledger((Mark("Posting"),))).because)
    Drop, because what is marked can be left out, in training and in prediction.
    """
    del model
    if isinstance(domain, Image):
        return Choice(Swap(), "Swap, because a part cannot be cut out of a picture, but can be another picture's.")
    if any(mark.scope != "everywhere" for mark in ledger):
        return Choice(
            Swap(), "Swap, because a mark does not hold everywhere, and at prediction nobody knows the label."
        )
    return Choice(Drop(), "Drop, because what is marked can be left out, in training and in prediction.")


def corrected(model: Any, dataset: Dataset, ledger: Ledger, domain: Domain | None, correction: Any = None) -> Any:
    """Train a model again, with a correction.

    Parameters
    ----------
    model : estimator or callable
        An estimator is cloned and fitted, with weights where it takes weights; a trainer is a callable from a Dataset
        to a model.
    dataset : Dataset
    ledger : Ledger
    domain : Domain or None
        None for a table whose columns are the keys.
    correction : Correction, optional
        Default: :func:`chosen`.

    Returns
    -------
    model
        Where prediction changes too, the model carries that.

    Raises
    ------
    OptionError
        The correction is none, or cannot be made.

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.naive_bayes import MultinomialNB
    >>> from sklearn.pipeline import make_pipeline
    >>> from retrust.domains.text import Text
    >>> from retrust.ledger import Ledger, Mark
    >>> from retrust.rows import Dataset
    >>> data = Dataset(["red sky", "blue sky", "red sea"], [0, 1, 0])
    >>> model = make_pipeline(CountVectorizer(), MultinomialNB())
    >>> corrected(model, data, Ledger((Mark("red"),)), Text())[0].get_feature_names_out().tolist()
    ['blue', 'sea', 'sky']
    """
    correction = chosen(model, domain, ledger).correction if correction is None else correction
    if isinstance(correction, type) or not isinstance(correction, Correction):
        raise OptionError(
            f"the correction is {correction!r}; Drop(), Swap(), Penalty() or an object with "
            "apply(dataset, ledger, domain) is expected"
        )
    if hasattr(correction, "fitted"):
        return correction.fitted(model, dataset, ledger, domain)
    fitted = trained(model, correction.apply(dataset, ledger, domain))
    if not hasattr(correction, "at_prediction"):
        return fitted
    return corrected_model(fitted, correction.at_prediction(ledger, domain))
