"""Networks of PyTorch and ONNX Runtime as models: a batch of pictures in, numbers out.

Both packages are optional (extras ``torch`` and ``onnx``); nothing here loads them before a network is asked.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax as shares

from retrust.errors import InstanceError, OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from retrust.representation import Floats, Masks

    Batch = NDArray[Any]
    Preprocess = Callable[[Any], Any]

_CHANNELS = (1, 3, 4)
_DEEP = 4
_BYTE, _LONG = 255, 65_535
_ON_DEVICE, _ON_CORES = 256, 32  # pictures composed at once
_SIDES = (224, 256, 299, 384, 512, 128, 96, 64, 32, 28)  # tried where a network refuses a picture
_SPINNING = "session.intra_op.allow_spinning"
_SHORT = ("out of memory", "allocate memory", "bad allocation", "bad_alloc")
_TYPES = {"tensor(float16)": "float16", "tensor(double)": "float64", "tensor(uint8)": "uint8"}


@dataclass(frozen=True, eq=False)
class TorchNetwork:
    """A PyTorch module asked about batches of pictures; made by :func:`torch`."""

    net: Any
    preprocess: Preprocess | None = None
    device: str = "cpu"
    softmax: bool = False

    def __call__(self, batch: Batch) -> Floats:
        """Answer a batch (n, M, N, C), (n, C, M, N) or (n, M, N) of pictures as they were given."""
        return halving(lambda part: self.answer(self.tensor(part)), batch)

    def tensor(self, batch: Batch) -> Any:
        """Bring a batch to the device: floats (n, C, M, N), whole numbers as 0 to 1."""
        from torch import as_tensor

        return as_tensor(np.ascontiguousarray(_first(_scaled(batch))), device=self.device)

    def answer(self, tensor: Any) -> Floats:
        """Answer a tensor (n, C, M, N) that is on the device already."""
        from torch import inference_mode

        if self.net.training:
            self.net.eval()
        with inference_mode():
            try:
                return _numbers(self._forward(tensor).cpu().double().numpy(), softmax=self.softmax)
            except (RuntimeError, AssertionError, ValueError) as error:
                wanted = None if _is_short(error) else self._wanted(tensor)
                if wanted is None:
                    raise
                raise _refused(wanted, tuple(tensor.shape[1:]), "") from error

    def composer(self, picture: Batch, backdrop: Batch, labels: NDArray[np.intp]) -> Callable[[Masks], Floats]:
        """Return a function from masks to answers: picture and labels stay on the device, only masks travel.

        Parameters
        ----------
        picture, backdrop : ndarray
            Batches of one: everything present, and everything absent.
        labels : ndarray of int, shape (M, N)
            The part of each pixel.
        """
        from torch import as_tensor, where

        present, absent = self.tensor(picture), self.tensor(backdrop)
        parts = as_tensor(labels, device=self.device)

        def answered(masks: Masks) -> Floats:
            shown = as_tensor(masks, device=self.device)[:, parts]
            return self.answer(where(shown[:, None], present, absent))

        step = _ON_DEVICE if self.device.startswith("cuda") else _ON_CORES
        return lambda masks: np.concatenate(
            [halving(answered, masks[at : at + step]) for at in range(0, len(masks), step)]
        )

    def _forward(self, tensor: Any) -> Any:
        answer = self.net(tensor if self.preprocess is None else self.preprocess(tensor))
        answer = getattr(answer, "logits", answer)
        return answer[0] if isinstance(answer, tuple | list) else answer

    def _wanted(self, tensor: Any) -> tuple[int, ...] | None:
        """Try which size of picture, or else how many channels, the network would have taken."""
        channels, *size = tensor.shape[1:]
        if self._takes(tensor, (channels, *size)):
            return None
        shapes = [*((channels, side, side) for side in _SIDES), *((other, *size) for other in _CHANNELS)]
        return next((shape for shape in shapes if self._takes(tensor, shape)), None)

    def _takes(self, tensor: Any, shape: tuple[int, ...]) -> bool:
        try:
            self._forward(tensor.new_zeros((1, *shape)))
        except (RuntimeError, AssertionError, ValueError):
            return False
        return True


def torch(
    net: Any, preprocess: Preprocess | None = None, device: str | None = None, *, softmax: bool = False
) -> TorchNetwork:
    """Make a model of a PyTorch module (extra ``torch``).

    Parameters
    ----------
    net : torch.nn.Module
        From (n, C, M, N) to (n, k), in evaluation mode whenever it is asked.
    preprocess : callable, optional
        From a tensor (n, C, M, N) on the device to what the module reads: normalising, resizing. It gets floats, 0 to
        1 where the picture has whole numbers, else in the picture's own range.
    device : str, optional
        Such as "cuda", to which the module is moved; default: where its parameters are.
    softmax : bool
        Turn logits into probabilities.

    Returns
    -------
    TorchNetwork
        A callable from pictures (n, M, N, 3), in the type and range in which they were given, to (n, k). It pickles
        when its module does.

    Raises
    ------
    OptionError
        It is no module.

    Notes
    -----
    The picture and its superpixels stay on the device and only masks travel. Where the device runs out of memory,
    batches are halved. A picture of a size that the network cannot read is told with the size that it reads.

    Examples
    --------
    >>> import retrust as rt
    >>> from torchvision.models import mobilenet_v2  # doctest: +SKIP
    >>> model = rt.torch(mobilenet_v2(weights="DEFAULT"), softmax=True)  # doctest: +SKIP
    """
    if not callable(net) or not hasattr(net, "parameters"):
        message = f"net is {type(net).__name__}; a torch.nn.Module is expected – other callables need no wrapper"
        raise OptionError(message)
    found = str(device or next((parameter.device for parameter in net.parameters()), "cpu"))
    return TorchNetwork(net.to(found), preprocess, found, softmax)


@dataclass(frozen=True, eq=False)
class OnnxNetwork:
    """A network of ONNX Runtime asked about batches of pictures; made by :func:`onnx`."""

    session: Any
    preprocess: Preprocess | None = None
    output: str | None = None
    softmax: bool = False

    def __call__(self, batch: Batch) -> Floats:
        """Answer a batch (n, M, N, C), (n, C, M, N) or (n, M, N) of pictures as they were given."""
        return halving(self._answer, batch)

    def __getstate__(self) -> dict[str, Any]:
        """Leave an opened file behind."""
        return {name: value for name, value in vars(self).items() if name != "opened"}

    @cached_property
    def opened(self) -> Any:
        """The session, of a file that was named a new one."""
        if hasattr(self.session, "run"):
            return self.session
        from onnxruntime import InferenceSession, SessionOptions

        options = SessionOptions()
        options.add_session_config_entry(_SPINNING, "0")  # between two batches the cores are ours
        return InferenceSession(os.fspath(self.session), options)

    def _answer(self, batch: Batch) -> Floats:
        entry = self.opened.get_inputs()[0]
        kind = _TYPES.get(entry.type, "float32")
        ready = self._prepared(batch, entry.shape, scaled=kind != "uint8").astype(kind, copy=False)
        _fits(entry.shape, ready.shape, "" if self.preprocess is None else " after preprocess")
        parts = list(_filled(ready, entry.shape[0] if entry.shape else None))
        answers = [self.opened.run(self.output and [self.output], {entry.name: part})[0] for part in parts]
        return _numbers(np.concatenate(answers)[: len(ready)], softmax=self.softmax)

    def _prepared(self, batch: Batch, wanted: Any, *, scaled: bool) -> Batch:
        """Bring pictures into the order of axes of the network's input, and through ``preprocess``."""
        ready = _first(_scaled(batch) if scaled else batch)
        if len(wanted) == _DEEP and wanted[-1] in _CHANNELS and wanted[1] not in _CHANNELS:
            ready = np.moveaxis(ready, 1, -1)
        return np.asarray(ready if self.preprocess is None else self.preprocess(ready))


def onnx(
    session: Any, preprocess: Preprocess | None = None, *, output: str | None = None, softmax: bool = False
) -> OnnxNetwork:
    """Make a model of a network of ONNX Runtime (extra ``onnx``).

    Parameters
    ----------
    session : onnxruntime.InferenceSession or path
        With a path the model pickles, and the file is opened again where it arrives; its threads sleep between batches.
    preprocess : callable, optional
        From float32 (n, C, M, N) – (n, M, N, C) where the network declares its channels last – to what the network
        reads: normalising, resizing. It gets 0 to 1 where the picture has whole numbers, else the picture's own range;
        a network that declares whole numbers as its input gets the picture's values.
    output : str, optional
        Which output of the network; default: its first.
    softmax : bool
        Turn logits into probabilities.

    Returns
    -------
    OnnxNetwork
        A callable from pictures (n, M, N, 3), in the type and range in which they were given, to (n, k).

    Raises
    ------
    OptionError
        It is neither a session nor a path, or has no such output.

    Notes
    -----
    A network made for batches of one size is asked in batches of that size. Where memory runs out, batches are halved.

    Examples
    --------
    >>> import retrust as rt
    >>> model = rt.onnx("mobilenet.onnx", softmax=True)  # doctest: +SKIP
    """
    if not hasattr(session, "run") and not isinstance(session, str | os.PathLike):
        message = (
            f"session is {type(session).__name__}; an onnxruntime.InferenceSession or the path of a file is expected"
        )
        raise OptionError(message)
    network = OnnxNetwork(session, preprocess, output, softmax)
    if output is not None:
        names = [one.name for one in network.opened.get_outputs()]
        if output not in names:
            raise OptionError(f"output={output!r}; the network has {listed(names)}")
    return network


def halving(ask: Callable[[Any], Floats], batch: Any) -> Floats:
    """Ask about a batch, and about its halves where memory runs out.

    Examples
    --------
    >>> def two_at_most(batch):
    ...     if len(batch) > 2:
    ...         raise MemoryError
    ...     return 10.0 * batch
    >>> halving(two_at_most, np.arange(5))
    array([ 0., 10., 20., 30., 40.])
    """
    try:
        return ask(batch)
    except Exception as error:
        n = batch.shape[0] if hasattr(batch, "shape") else len(batch)  # sparse matrices have no length
        if n <= 1 or not _is_short(error):
            raise
    middle = n // 2  # outside of the handler, which would keep the failed batch alive
    return np.concatenate([halving(ask, batch[:middle]), halving(ask, batch[middle:])])


def _is_short(error: BaseException) -> bool:
    """Tell whether memory ran out, whichever package says so."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in said for sign in _SHORT)


def _scaled(batch: Batch) -> Batch:
    """Turn whole numbers into 0 to 1; leave floats in their range."""
    if batch.dtype.kind in "ui":
        return np.divide(batch, _LONG if batch.dtype == np.uint16 else _BYTE, dtype=np.float32)
    return batch.astype(np.float32, copy=False)


def _first(batch: Batch) -> Batch:
    """Bring pictures to (n, C, M, N)."""
    if batch.ndim < _DEEP:
        return batch[:, None]
    return np.moveaxis(batch, -1, 1) if batch.shape[-1] in _CHANNELS else batch


def _numbers(answer: Any, *, softmax: bool) -> Floats:
    numbers = np.asarray(answer, dtype=np.float64)
    return np.asarray(shares(numbers, axis=-1)) if softmax else numbers


def _fits(wanted: Any, given: tuple[int, ...], when: str) -> None:
    """Refuse pictures of another size than the network declares; names and None stand for any size."""
    sizes = [(there, here) for there, here in zip(wanted[1:], given[1:], strict=False) if isinstance(there, int)]
    if len(wanted) not in {0, len(given)} or any(there != here for there, here in sizes):
        raise _refused(tuple(wanted[1:]), given[1:], when)


def _refused(wanted: tuple[Any, ...], given: tuple[int, ...], when: str) -> InstanceError:
    def told(shape: tuple[Any, ...]) -> str:
        return " × ".join(str(size) if isinstance(size, int) else "any" for size in shape)

    return InstanceError(
        f"the network reads pictures of {told(wanted)}; this one is {told(given)}{when} – bring the picture to that "
        "size before you explain it, or in preprocess="
    )


def _filled(batch: Batch, size: Any) -> Iterator[Batch]:
    """Cut a batch as the network wants it: at once, or in batches of one size, the last filled up."""
    step = size if isinstance(size, int) and size > 0 else len(batch)
    for at in range(0, len(batch), step):
        part = batch[at : at + step]
        fill = (step - len(part)) * (isinstance(size, int) and size > 0)
        yield np.concatenate([part, np.repeat(part[-1:], fill, axis=0)]) if fill else part
