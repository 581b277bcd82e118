"""Networks as models: pictures in as they were given, numbers out.

The wrappers are tested with networks of NumPy that behave like those of the two packages, and with real ones where
they are at hand: the packages are optional.
"""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage.data import chelsea

import retrust as rt
from retrust.errors import InstanceError, ModelFailure, OptionError
from retrust.model import as_model
from retrust.networks import halving
from retrust.scoring import Fused, Plain, scorer_for

FOLDER = Path(os.environ.get("RETRUST_DATA", "")) / "cnn_imagenet"
RGB = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
BATCH = np.stack([RGB, RGB // 2, RGB // 3])
MEANS = BATCH.mean(axis=(1, 2)) / 255


# --- a session of ONNX Runtime, in NumPy -----------------------------------------------------------------------------


@dataclass
class Session:
    """Answers with the mean of each channel, times ten; remembers what it was fed."""

    shape: Any = ("batch", 3, 16, 16)
    kind: str = "tensor(float)"
    most: int = 1 << 30
    fed: list[Any] = field(default_factory=list)

    def get_inputs(self) -> list[Any]:
        return [SimpleNamespace(name="pixels", shape=list(self.shape), type=self.kind)]

    def get_outputs(self) -> list[Any]:
        return [SimpleNamespace(name="means"), SimpleNamespace(name="sums")]

    def run(self, outputs: Any, feeds: dict[str, Any]) -> list[Any]:
        batch = feeds["pixels"]
        if len(batch) > self.most:
            raise RuntimeError("Failed to allocate memory for requested buffer of size 9")
        self.fed.append(batch)
        axes = (2, 3) if batch.shape[1] <= 4 else (1, 2)
        found = {"means": 10 * batch.mean(axis=axes), "sums": batch.sum(axis=axes)}
        return [found[name] for name in outputs or found]


def test_a_session_gets_floats_from_0_to_1_channels_first() -> None:
    session = Session()
    answer = rt.onnx(session)(BATCH)
    assert answer.dtype == np.float64
    assert answer == pytest.approx(10 * MEANS, abs=1e-5)
    assert session.fed[0].dtype == np.float32
    assert np.array_equal(session.fed[0], BATCH.transpose(0, 3, 1, 2) / np.float32(255))


GIVEN: dict[str, Any] = {
    "floats, 0 to 1": BATCH / 255,
    "single floats": (BATCH / 255).astype(np.float32),
    "uint16": BATCH.astype(np.uint16) * 257,
    "int64": BATCH.astype(np.int64),
    "channels first": BATCH.transpose(0, 3, 1, 2),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_pictures_come_in_the_type_and_layout_in_which_they_were_given(kind: str) -> None:
    assert rt.onnx(Session())(GIVEN[kind]) == pytest.approx(10 * MEANS, abs=1e-5)


def test_floats_keep_their_range() -> None:
    assert rt.onnx(Session())(BATCH.astype(float)) == pytest.approx(2550 * MEANS, rel=1e-5)


def test_grey_pictures_have_one_channel() -> None:
    session = Session(shape=(None, 1, 16, 16))
    assert rt.onnx(session)(BATCH[..., 0])[:, 0] == pytest.approx(10 * MEANS[:, 0], abs=1e-5)


def test_a_session_that_declares_its_channels_last_gets_them_last() -> None:
    session = Session(shape=(None, 16, 16, 3))
    assert rt.onnx(session)(BATCH) == pytest.approx(10 * MEANS, abs=1e-5)
    assert session.fed[0].shape == BATCH.shape


@pytest.mark.parametrize(("kind", "dtype"), [("uint8", np.uint8), ("float16", np.float16), ("double", np.float64)])
def test_a_session_gets_the_type_that_it_declares(kind: str, dtype: Any) -> None:
    session = Session(kind=f"tensor({kind})")
    answer = rt.onnx(session)(BATCH)
    assert session.fed[0].dtype == dtype
    assert answer == pytest.approx(10 * MEANS * (255 if kind == "uint8" else 1), rel=1e-2)


def test_preprocess_sees_floats_and_what_it_returns_is_fed() -> None:
    session = Session(shape=("n", 3, 4, 4))
    model = rt.onnx(session, lambda batch: batch[:, :, ::4, ::4] - 0.5)
    assert model(BATCH) == pytest.approx(10 * (BATCH[:, ::4, ::4].mean(axis=(1, 2)) / 255 - 0.5), abs=1e-5)


def test_logits_become_probabilities_where_asked() -> None:
    model = rt.onnx(Session(), softmax=True)
    expected = np.exp(10 * MEANS)
    assert model(BATCH) == pytest.approx(expected / expected.sum(axis=1, keepdims=True), abs=1e-5)


def test_another_output_is_taken_by_its_name() -> None:
    assert rt.onnx(Session(), output="sums")(BATCH) == pytest.approx(256 * MEANS, rel=1e-5)
    with pytest.raises(OptionError, match="output='sum'; the network has 'means', 'sums'"):
        rt.onnx(Session(), output="sum")


def test_a_session_for_batches_of_one_size_is_asked_in_such_batches() -> None:
    session = Session(shape=(2, 3, 16, 16))
    assert rt.onnx(session)(BATCH) == pytest.approx(10 * MEANS, abs=1e-5)
    assert [len(batch) for batch in session.fed] == [2, 2]


@pytest.mark.parametrize("most", [1, 2])
def test_where_memory_runs_out_the_batch_is_halved_until_it_goes(most: int) -> None:
    session = Session(most=most)
    batch = np.concatenate([BATCH] * 3)
    assert rt.onnx(session)(batch) == pytest.approx(np.tile(10 * MEANS, (3, 1)), abs=1e-5)
    assert max(len(part) for part in session.fed) == most
    assert sum(len(part) for part in session.fed) == 9


def test_where_one_picture_is_too_many_it_is_told() -> None:
    with pytest.raises(ModelFailure, match="allocate memory"):
        rt.explain(rt.onnx(Session(most=0)), RGB, domain=rt.Image("grid"), n_samples=9)


def test_other_errors_are_not_asked_again() -> None:
    calls = []

    def broken(batch: Any) -> Any:
        calls.append(len(batch))
        raise RuntimeError("no such operator")

    with pytest.raises(RuntimeError, match="operator"):
        halving(broken, BATCH)
    assert calls == [3]


@pytest.mark.parametrize(
    ("shape", "picture", "told"),
    [
        ((None, 3, 224, 224), RGB, "reads pictures of 3 × 224 × 224; this one is 3 × 16 × 16 – bring"),
        (("n", 3, "rows", 224), RGB, "reads pictures of 3 × any × 224; this one is 3 × 16 × 16"),
        ((None, 224, 224, 3), RGB, "reads pictures of 224 × 224 × 3; this one is 16 × 16 × 3"),
        ((None, 3, 16, 16), RGB[..., 0], "reads pictures of 3 × 16 × 16; this one is 1 × 16 × 16"),
        ((None, 768), RGB, "reads pictures of 768; this one is 3 × 16 × 16"),
    ],
)
def test_a_network_that_wants_another_size_is_told_with_both(shape: Any, picture: Any, told: str) -> None:
    with pytest.raises(InstanceError, match=told):
        rt.explain(rt.onnx(Session(shape)), picture, domain=rt.Image("grid"), n_samples=9)


def test_the_size_after_preprocess_is_said_to_be_so() -> None:
    model = rt.onnx(Session((None, 3, 9, 9)), lambda batch: batch[:, :, ::2, ::2])
    with pytest.raises(InstanceError, match="3 × 9 × 9; this one is 3 × 8 × 8 after preprocess"):
        model(BATCH)


def test_what_is_no_session_is_refused() -> None:
    with pytest.raises(OptionError, match=r"session is bytes; an onnxruntime.InferenceSession or the path of a file"):
        rt.onnx(b"")


def opened_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for the package; return the list of files that will be opened."""
    files: list[str] = []

    class Options(dict[str, str]):
        add_session_config_entry = dict.__setitem__

    def session(path: str, options: Options) -> Session:
        assert options == {"session.intra_op.allow_spinning": "0"}
        files.append(path)
        return Session()

    package = ModuleType("onnxruntime")
    package.InferenceSession = session  # type: ignore[attr-defined]
    package.SessionOptions = Options  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "onnxruntime", package)
    return files


def test_a_file_is_opened_once_and_again_where_the_model_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    files = opened_by(monkeypatch)
    model = rt.onnx(Path("net.onnx"), softmax=True)
    before = [model(BATCH), model(BATCH)][0]
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again(BATCH), before)
    assert files == ["net.onnx"] * 2


def test_a_network_is_explained_with_named_classes() -> None:
    explainer = rt.Explainer(rt.onnx(Session(), softmax=True), rt.Image("grid"), classes=["red", "green", "blue"])
    e = explainer.explain(np.dstack([RGB[..., 0] // 2 + 128, RGB[..., 1:] // 3]), n_samples=200)
    assert e.classes[e.target] == "red"
    assert e.scale == "probability"


# --- a package like PyTorch, in NumPy --------------------------------------------------------------------------------


class Tensor:
    """As much of a tensor as the wrapper uses."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, key: Any) -> Tensor:
        key = tuple(k.values if isinstance(k, Tensor) else k for k in key) if isinstance(key, tuple) else key
        return Tensor(self.values[key])

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    def cpu(self) -> Tensor:
        return self

    def double(self) -> Tensor:
        return Tensor(self.values.astype(np.float64))

    def numpy(self) -> Any:
        return self.values

    def new_zeros(self, shape: tuple[int, ...]) -> Tensor:
        return Tensor(np.zeros(shape, self.values.dtype))


@dataclass
class Net:
    """A module that answers with the mean of each channel; remembers its batches."""

    side: int = 16
    most: int = 1 << 30
    training: bool = True
    device: Any = "cpu"
    fed: list[int] = field(default_factory=list)

    def parameters(self) -> Any:
        return iter([self])

    def to(self, device: str) -> Net:
        self.device = device
        return self

    def eval(self) -> None:
        self.training = False

    def __call__(self, tensor: Any) -> Any:
        assert not self.training
        if len(tensor) > self.most:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        if tensor.shape[1:] != (3, self.side, self.side):
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied (1x768 and 3072x2)")
        self.fed.append(len(tensor))
        return SimpleNamespace(logits=Tensor(tensor.values.mean(axis=(2, 3))))


class Nothing:
    """A context that does nothing."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def like_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    package = ModuleType("torch")
    package.as_tensor = lambda values, device: Tensor(values)  # type: ignore[attr-defined]  # noqa: ARG005
    package.where = lambda *parts: Tensor(np.where(*(part.values for part in parts)))  # type: ignore[attr-defined]
    package.inference_mode = Nothing  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", package)


like_torch_only = pytest.mark.usefixtures("like_torch")


@like_torch_only
@pytest.mark.parametrize("kind", ["uint8", *GIVEN])
def test_a_module_gets_floats_channels_first_and_is_set_to_evaluation(kind: str) -> None:
    net = Net()
    assert rt.torch(net)(GIVEN.get(kind, BATCH)) == pytest.approx(MEANS, abs=1e-6)
    assert not net.training


@like_torch_only
def test_a_module_that_went_back_to_training_is_set_to_evaluation_again() -> None:
    net = Net()
    model = rt.torch(net)
    model(BATCH)
    net.training = True
    assert model(BATCH) == pytest.approx(MEANS, abs=1e-6)


@like_torch_only
def test_a_module_moves_to_the_device_that_is_named_and_else_stays() -> None:
    assert rt.torch(Net(), device="cuda:1").device == "cuda:1"
    assert rt.torch(Net(device="mps")).device == "mps"


@like_torch_only
@pytest.mark.parametrize("layout", ["channels last", "channels first", "floats"])
def test_on_a_device_only_masks_travel_and_the_answers_are_the_plain_ones(layout: str) -> None:
    picture = {"channels last": RGB, "channels first": RGB.transpose(2, 0, 1), "floats": RGB / 255}[layout]
    representation, model = rt.Image("grid", "black").represent(picture), as_model(rt.torch(Net()))
    scorer = scorer_for(model, representation, np.random.default_rng(0))
    assert isinstance(scorer, Fused)
    masks, rng = np.random.default_rng(0).random((40, len(representation.features))) < 0.5, np.random.default_rng(0)
    plain = Plain(model, representation)(masks, rng)[0]
    assert scorer(masks, rng)[0] == pytest.approx(plain, abs=1e-6)
    assert np.ptp(plain, axis=0).min() > 1e-3


@like_torch_only
def test_a_device_that_composes_otherwise_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["torch"], "where", lambda shown, present, absent: present)  # noqa: ARG005
    representation = rt.Image("grid").represent(RGB)
    scorer = scorer_for(as_model(rt.torch(Net())), representation, np.random.default_rng(0))
    assert isinstance(scorer, Plain)


@like_torch_only
@pytest.mark.parametrize("most", [1, 3, 5])
def test_where_the_device_is_full_batches_are_halved_until_they_go(most: int) -> None:
    net = Net(most=most)
    e = rt.explain(rt.torch(net), RGB, domain=rt.Image("grid", "black"), n_samples=50)
    assert max(net.fed) <= most
    whole = rt.explain(rt.torch(Net()), RGB, domain=rt.Image("grid", "black"), n_samples=50)
    assert e.coefficients == pytest.approx(whole.coefficients, abs=1e-6)


@like_torch_only
@pytest.mark.parametrize("side", [224, 32])
def test_the_size_that_a_module_takes_is_found_out_and_told(side: int) -> None:
    with pytest.raises(InstanceError, match=f"reads pictures of 3 × {side} × {side}; this one is 3 × 16 × 16 – bring"):
        rt.explain(rt.torch(Net(side)), RGB, domain=rt.Image("grid"), n_samples=9)


@like_torch_only
def test_colours_that_a_module_lacks_are_told() -> None:
    with pytest.raises(InstanceError, match="reads pictures of 3 × 16 × 16; this one is 1 × 16 × 16"):
        rt.explain(rt.torch(Net()), RGB[..., 0], domain=rt.Image("grid"), n_samples=9)


@like_torch_only
def test_what_no_size_mends_is_the_modules_own_error() -> None:
    with pytest.raises(ModelFailure, match="mat1 and mat2"):
        rt.explain(rt.torch(Net(side=17)), RGB, domain=rt.Image("grid"), n_samples=9)


@like_torch_only
def test_a_wrapped_module_pickles_when_it_does() -> None:
    model = pickle.loads(pickle.dumps(rt.torch(Net(), softmax=True)))
    assert model(BATCH).sum(axis=1) == pytest.approx(1)


def test_what_is_no_module_is_refused() -> None:
    with pytest.raises(OptionError, match=r"net is builtin_function_or_method; a torch.nn.Module is expected"):
        rt.torch(len)


# --- the real ones, where they are at hand ---------------------------------------------------------------------------


def centre(side: int = 224) -> Any:
    cat = chelsea()
    edge = (cat.shape[1] - cat.shape[0]) // 2
    return np.asarray(Pillow.fromarray(cat[:, edge:-edge]).resize((side, side)))


def normalised(batch: Any) -> Any:
    mean, deviation = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]], dtype=np.float32)
    return (batch - mean[:, None, None]) / deviation[:, None, None]


@pytest.mark.skipif(
    not FOLDER.is_dir() or find_spec("onnxruntime") is None, reason="needs RETRUST_DATA and onnxruntime"
)
def test_mobilenet_sees_an_egyptian_cat_and_says_by_which_superpixels() -> None:
    path = FOLDER / "mobilenetv2-12-dequantized.onnx"
    model = rt.onnx(path, normalised, softmax=True)
    e = rt.Explainer(model, rt.Image(), classes=range(1000)).explain(centre(), n_samples=150)  # type: ignore[arg-type]
    assert e.classes[e.target] == "285"
    assert e.prediction[285] == pytest.approx(0.79, abs=0.02)
    without = e.probe([name for name, weight in e.top(10) if weight > 0])
    assert without[285] < 0.5 * e.prediction[285]
    with pytest.raises(InstanceError, match="reads pictures of 3 × 224 × 224; this one is 3 × 300 × 451"):
        rt.explain(model, chelsea(), n_samples=9)
    assert pickle.loads(pickle.dumps(model))(centre()[None])[0] == pytest.approx(e.prediction)


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
@pytest.mark.filterwarnings("ignore")
def test_a_real_module_is_fused_and_tells_the_size_that_it_takes() -> None:
    from torch import manual_seed, nn

    manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.Dropout(), nn.Flatten(), nn.Linear(4 * 15 * 15, 3))
    model, picture = rt.torch(net, softmax=True), centre(32)
    representation = rt.Image("grid").represent(picture)
    scorer = scorer_for(as_model(model), representation, np.random.default_rng(0))
    assert isinstance(scorer, Fused)
    masks, rng = np.random.default_rng(1).random((30, len(representation.features))) < 0.5, np.random.default_rng(0)
    plain = Plain(as_model(model), representation)(masks, rng)[0]
    assert np.abs(scorer(masks, rng)[0] - plain).max() < 1e-6
    assert pickle.loads(pickle.dumps(model))(picture[None]) == pytest.approx(model(picture[None]))
    with pytest.raises(InstanceError, match="reads pictures of 3 × 32 × 32; this one is 3 × 40 × 40"):
        rt.explain(model, centre(40), n_samples=9)
