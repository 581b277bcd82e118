"""Penalty: a network is punished where marked parts move its answer (extra ``torch``)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.errors import OptionError
from retrust.preview import Example, Preview, counted
from retrust.reach import Reach, reach, refuse_bare

if TYPE_CHECKING:
    from retrust.ledger import Ledger
    from retrust.representation import Domain, Masks
    from retrust.rows import Dataset

_EXAMPLES = 3


@dataclass(frozen=True)
class Penalty:
    """Tell a trainer which parts of each row are marked, so that it punishes a network that reads them.

    The rows stay as they are; ``marked`` and ``strength`` of the Dataset are filled. A trainer reads them with
    :func:`regions` and :func:`penalty`, and does without where nothing is marked.

    Parameters
    ----------
    strength : float
        By how much :func:`penalty` is multiplied before it is added to the loss.

    References
    ----------
    A. S. Ross, M. C. Hughes, F. Doshi-Velez, "Right for the Right Reasons: Training Differentiable Models by
    Constraining their Explanations", IJCAI 2017.

    Examples
    --------
    >>> def train(data):
    ...     x, y, net = tensors(data.X), torch.as_tensor(data.y), Net()
    ...     masks = torch.as_tensor(regions(data, domain))
    ...     for batch in batches(len(data)):
    ...         loss = cross_entropy(net(x[batch]), y[batch])
    ...         loss = loss + data.strength * penalty(net, x[batch], masks[batch])
    ...         step(loss)
    ...     return rt.torch(net)
    >>> Penalty(strength=100).strength
    100
    """

    strength: float = 10.0

    def __post_init__(self) -> None:
        """Check the strength at once."""
        if not self.strength > 0:
            raise OptionError(f"strength={self.strength!r}; a number above 0 is expected")

    def apply(self, dataset: Dataset, ledger: Ledger, domain: Domain) -> Dataset:
        """Return the same rows with what is marked in each.

        Raises
        ------
        OptionError
            Nothing is marked, or everything.
        UnknownFeature
            A mark is on a key that no row has.
        """
        return replace(dataset, marked=_reached(dataset, ledger, domain).held, strength=self.strength)

    def describe(self, dataset: Dataset, ledger: Ledger, domain: Domain, model: Any = None) -> Preview:
        """Say in words what a trainer would be told; pictures are shown with what is marked blackened.

        Parameters
        ----------
        dataset, ledger, domain
            As for ``apply``.
        model : estimator or callable, optional
            Makes no difference here.
        """
        del model
        found = _reached(dataset, ledger, domain)
        rows = np.flatnonzero(found.touched)
        examples = tuple(Example.of(row, dataset[row], _shown(found, row)) for row in rows[:_EXAMPLES].tolist())
        first = (
            f"Penalty: all rows stay as they are; in {len(rows):,} of {counted(len(dataset), found.noun)} the trainer "
            f"is told what is marked, and punishes a network whose answer moves with it (strength {self.strength:g})."
        )
        said = (first, "A trainer that does not read data.marked changes nothing.")
        return Preview("Penalty", len(rows), len(dataset), {}, examples, said)


def _reached(dataset: Dataset, ledger: Ledger, domain: Domain) -> Reach:
    found = reach(dataset, ledger, domain)
    refuse_bare(found, dataset, "a network would be punished for reading anything of them")
    return found


def _shown(found: Reach, row: int) -> Any:
    """Return a row with its marked parts absent."""
    whole = found.of(row)
    mask = np.array([feature.key not in found.held[row] for feature in whole.features], dtype=bool)
    return whole.perturb(mask[None], np.random.default_rng(0))[0]


def regions(dataset: Dataset, domain: Domain) -> Masks:
    """Return where the marked superpixels of each picture are, (n, M, N); all False where nothing is marked.

    Parameters
    ----------
    dataset : Dataset
        Of pictures of one size.
    domain : Image

    Raises
    ------
    OptionError
        The pictures are of different sizes.
    """
    marked = dataset.marked or [frozenset[str]()] * len(dataset)
    found = [_region(domain.represent(one), keys) for one, keys in zip(dataset, marked, strict=True)]
    if len({region.shape for region in found}) > 1:
        raise OptionError("the pictures are of different sizes; bring them to one size before they are marked")
    return np.stack(found)


def _region(picture: Any, keys: frozenset[str]) -> Masks:
    where: Masks = picture.region(i for i, feature in enumerate(picture.features) if feature.key in keys)
    return where


def penalty(net: Any, inputs: Any, masks: Any, targets: Any = None) -> Any:
    """Return how much a network's answer moves with the marked parts of its inputs, to be added to its loss.

    Parameters
    ----------
    net : torch.nn.Module or callable
        From inputs (n, …) to logits (n, k); of one output (n, 1) or (n,) the output itself counts.
    inputs : tensor, shape (n, C, M, N) or any other
    masks : tensor or array, shape (n, M, N) or that of the inputs
        True where a part is marked.
    targets : tensor of int, shape (n,), optional
        The class whose log-probability must not move; default: all of them, summed, as in the paper.

    Returns
    -------
    tensor
        One number that can be differentiated: the squared gradients at marked places, summed, per input.

    References
    ----------
    Equation 1 of Ross and others (2017), its second term, divided by n.
    """
    from torch import as_tensor, autograd

    asked = inputs.detach().requires_grad_()
    moved = autograd.grad(_logs(net(asked), targets).sum(), asked, create_graph=True)[0]
    where = as_tensor(masks, device=moved.device).to(moved.dtype)
    if where.ndim == moved.ndim - 1:
        where = where[:, None]
    return (where * moved).square().sum() / len(inputs)


def _logs(outputs: Any, targets: Any) -> Any:
    """Return the log-probabilities that count."""
    if outputs.ndim == 1 or outputs.shape[1] == 1:
        return outputs
    logs = outputs.log_softmax(dim=1)
    return logs if targets is None else logs.gather(1, targets[:, None])
