"""Explaining pictures: our figures beside those of ``lime`` and captum, measured in turns in one process.

    python benchmarks/image.py [--json PATH] [--quick] [--only WORD]

All get the same picture, the same superpixels, the same backdrop, the same model and the same number of masks.
``RETRUST_DATA`` names the network where it is at hand. What is measured and how: ``README.md``.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from functools import cache, partial
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from measure import QUICK, Row, Timed, between, fresh, in_turns, memory_row, peak, ratio, seconds, table
from PIL import Image as Pillow
from skimage import data
from skimage.segmentation import slic
from surroundings import missing

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Batch = NDArray[Any]
    Model = Callable[[Batch], NDArray[np.float64]]

MASKS, FEW = 1000, 300
SEGMENTS = ("slic", "quickshift", "felzenszwalb", "grid")
BACKDROPS = ("mean", "image mean", "blur", "grey", "black")
REGION = (slice(20, 90), slice(70, 150))  # the face of the picture of 224 × 224
SHARE = 0.95
LIME, CAPTUM = "lime.lime_image", ("torch", "captum.attr", "captum._utils.models.linear_model")


def trivial(batch: Batch) -> NDArray[np.float64]:
    """Answer by the mean of all values: a model that reads the whole picture and does nothing with it."""
    p = batch.reshape(len(batch), -1).mean(axis=1) / 255
    return np.column_stack([1 - p, p])


def peering(batch: Batch) -> NDArray[np.float64]:
    """Answer by how bright one region is, and by nothing else."""
    p = batch[:, REGION[0], REGION[1]].mean(axis=(1, 2, 3)) / 255
    return np.column_stack([1 - p, p])


def bent(batch: Batch) -> NDArray[np.float64]:
    """Answer by the same, but sharply: a surrogate that adds up cannot follow."""
    p = 1 / (1 + np.exp(-12 * (peering(batch)[:, 1] - 0.45)))
    return np.column_stack([1 - p, p])


# --- what is explained


@cache
def picture(side: int) -> NDArray[np.uint8]:
    """Return scikit-image's astronaut in a size."""
    return np.asarray(Pillow.fromarray(data.astronaut()).resize((side, side)))


@cache
def labels(side: int, count: int) -> NDArray[np.intp]:
    """Cut it into so many superpixels; SLIC is asked for more until there are."""
    asked = range(count, 4 * count, 5)
    cuts = (slic(picture(side), n_segments=n, start_label=0) for n in asked)
    return np.asarray(next(cut for cut in cuts if cut.max() + 1 >= count))


@cache
def network(name: str = "dequantized") -> tuple[Any, NDArray[np.uint8]] | None:
    """Return MobileNetV2, with the time that it took, and the cat; None where they are not at hand."""
    path = Path(os.environ.get("RETRUST_DATA", "")) / "cnn_imagenet" / f"mobilenetv2-12-{name}.onnx"
    if not path.is_file() or missing("onnxruntime"):
        return None
    cat = data.chelsea()
    edge = (cat.shape[1] - cat.shape[0]) // 2
    return TimedSession(path), np.asarray(Pillow.fromarray(cat[:, edge:-edge]).resize((224, 224)))


class TimedSession:
    """A session that knows how long it was at work."""

    def __init__(self, path: Path) -> None:
        """Open a file."""
        self.session = rt.onnx(path).opened
        self.get_inputs, self.get_outputs, self.seconds, self.inputs = (
            self.session.get_inputs,
            self.session.get_outputs,
            0.0,
            0,
        )

    def run(self, outputs: Any, feeds: dict[str, Batch]) -> Any:
        """Run it, and add up time and inputs."""
        start = time.perf_counter()
        answer = self.session.run(outputs, feeds)
        self.seconds += time.perf_counter() - start
        self.inputs += len(next(iter(feeds.values())))
        return answer


def normalised(batch: Batch) -> Batch:
    """Centre and scale as the network learned it, in place."""
    batch -= np.array([0.485, 0.456, 0.406], dtype=np.float32)[:, None, None]
    batch /= np.array([0.229, 0.224, 0.225], dtype=np.float32)[:, None, None]
    return batch


# --- who explains


def ours(model: Any, image: Batch, cut: Any, masks: int = MASKS, backdrop: Any = "mean") -> Any:
    """Explain the predicted class with all superpixels."""
    surrogate = rt.Ridge(n_features=10_000, select="highest")
    explainer = rt.Explainer(model, rt.Image(segment=cut, backdrop=backdrop), surrogate=surrogate, seed=0)
    return explainer.explain(image, n_samples=masks)


def limes(model: Model, image: Batch, cut: Batch, masks: int = MASKS, behind: Batch | None = None) -> Any:
    """Explain the predicted class with lime's defaults; without its progress bar, which only costs."""
    from lime import lime_image

    lime_image.tqdm = lambda rows: rows
    explainer = lime_image.LimeImageExplainer(random_state=0)
    return explainer.explain_instance(
        image, model, top_labels=1, num_samples=masks, hide_color=behind, segmentation_fn=lambda _: cut
    )


def captums(model: Callable[[Any], Any], image: Batch, cut: Batch) -> Any:
    """Explain with captum's LIME, a ridge, and batches of 32."""
    import torch
    from captum._utils.models.linear_model import SkLearnRidge
    from captum.attr import Lime

    def tensor(array: Batch) -> Any:
        return torch.as_tensor(np.ascontiguousarray(np.moveaxis(array, -1, 0)), dtype=torch.float32)[None]

    behind = rt.Image(segment=cut).represent(image).backdrop
    lime = Lime(model, interpretable_model=SkLearnRidge(alpha=1.0))
    parts = torch.as_tensor(cut)[None, None]
    return lime.attribute(
        tensor(image),
        tensor(behind),
        feature_mask=parts,
        n_samples=MASKS,
        perturbations_per_eval=32,
        return_input_shape=False,
    )


# --- rows: speed


def small(repeats: int) -> Iterator[Row]:
    """224 × 224, about 50 superpixels: the whole explanation over the model asked alone."""
    image, cut = picture(224), labels(224, 50)
    at_once = 64
    batch = np.repeat(image[None], at_once, axis=0)

    def alone() -> None:
        for _ in range(MASKS // at_once):
            trivial(batch)
        trivial(batch[: MASKS % at_once])

    own = {"ours": partial(seconds, partial(ours, trivial, image, cut)), "model": partial(seconds, alone)}
    runs = in_turns(own, repeats)
    model = statistics.median(runs["model"])
    times = statistics.median(runs["ours"]) / model
    what = f"224 × 224, {cut.max() + 1} superpixels, {MASKS:,} masks, trivial model: ours / the model alone"
    measured = f"{times:.2f}  (ours {1000 * times * model:.0f} ms, model {1000 * model:.0f} ms)"
    spread = between([a / b for a, b in zip(runs["ours"], runs["model"], strict=True)])
    yield Row(what, "≤ 2", measured, times <= 2, {"ratio": times, **runs}, spread)  # noqa: PLR2004
    yield from rivals(image, cut, model, repeats)


def rivals(image: Batch, cut: Batch, model: float, repeats: int) -> Iterator[Row]:
    """The same for others, for comparison."""

    def mean(batch: Any) -> Any:
        return batch.mean(dim=(1, 2, 3)) / 255

    jobs = {
        "lime": (missing(LIME), partial(limes, trivial, image, cut), min(3, repeats)),
        "captum's LIME": (missing(*CAPTUM), partial(captums, mean, image, cut), 1),
    }
    for name, (gone, job, runs) in jobs.items():
        if gone:
            yield Row(f"the same: {name} / the model alone", "", gone, None)
            continue
        times = [seconds(job) for _ in range(runs)]
        spent = statistics.median(times)
        what, measured = f"the same: {name} / the model alone", f"{spent / model:.0f}  ({spent:.2f} s)"
        yield Row(what, "", measured, None, {"seconds": times}, between([each / model for each in times], 0))


def large(repeats: int) -> Iterator[Row]:
    """512 × 512, about 180 superpixels, all included."""
    image, cut = picture(512), labels(512, 180)
    what = f"512 × 512, {cut.max() + 1} superpixels, {MASKS:,} masks, trivial model: lime's time / ours"
    if gone := missing(LIME):
        yield Row(what, "≥ 8", gone, None)
        return
    jobs = {
        "lime": partial(seconds, partial(limes, trivial, image, cut)),
        "ours": partial(seconds, partial(ours, trivial, image, cut)),
    }
    yield ratio(what, 8, in_turns(jobs, 1 if repeats <= QUICK else 3))


def overhead(repeats: int) -> Iterator[Row]:
    """MobileNetV2 in floats and, three times as quick, in eight bits: how much longer than the network we take."""
    for name, said in (("dequantized", "floats"), ("int8", "eight bits")):
        what = f"MobileNetV2 (ONNX, {said}, 224 × 224), {MASKS:,} masks: our time beyond the network's"
        found = network(name)
        if found is None:
            gone = "not measured: RETRUST_DATA names no network, or onnxruntime is not installed"
            yield Row(what, "≤ 3 %", gone, None)
            continue
        parts = [beyond(*found) for _ in range(2 if repeats <= QUICK else 4)][1:]  # the first loads all code
        shares = [100 * (total - model) / model for total, model, *_ in parts]
        share = statistics.median(shares)
        total, model, running, preparing = parts[-1]
        measured = (
            f"{share:.1f} %  ({total:.1f} s; {model:.1f} s in the model: {running:.1f} s in the session, "
            f"{preparing:.2f} s in preprocess, {model - running - preparing:.2f} s to bring the pictures to floats)"
        )
        figures = {"percent": shares, "seconds": parts}
        yield Row(what, "≤ 3 %", measured, share <= 3, figures, between(shares, unit=" %"))  # noqa: PLR2004


def beyond(session: TimedSession, image: Batch) -> tuple[float, float, float, float]:
    """Explain once; return all seconds, those in the model, and of these those in the session and in preprocess."""
    preprocess, session.seconds = Timed(normalised), 0.0
    model = Timed(rt.onnx(session, preprocess, softmax=True))
    total = seconds(partial(ours, model, image, "slic"))
    return total, model.seconds, session.seconds, preprocess.seconds


def memory(_: int) -> Iterator[Row]:
    """Peak memory of one explanation, in a process of its own."""
    done = json.loads(fresh(str(Path(__file__).resolve()), "--only-memory"))
    yield memory_row(
        f"512 × 512, {done['superpixels']} superpixels, {MASKS:,} masks: peak memory above the start", 120, done
    )


def device(repeats: int) -> Iterator[Row]:
    """A PyTorch network on a GPU: how much longer than the network we take."""
    what = f"torch on a GPU, 224 × 224, {4 * MASKS:,} masks: our time beyond the network's at batch 256"
    if gone := missing("torch"):
        yield Row(what, "≤ 5 %", gone, None)
        return
    import torch

    if not torch.cuda.is_available():
        yield Row(what, "≤ 5 %", "not measured: torch finds no GPU", None)
        return
    net, image = convolutions().cuda().eval(), picture(224)
    batch = torch.rand((256, 3, 224, 224), device="cuda")

    def alone() -> None:
        with torch.inference_mode():
            for _ in range(4 * MASKS // len(batch)):
                net(batch).cpu()

    model = rt.torch(net)
    jobs = {
        "network": partial(seconds, alone),
        "ours": partial(seconds, partial(ours, model, image, labels(224, 50), 4 * MASKS)),
    }
    runs = in_turns(jobs, repeats)
    images = {"network": 4 * MASKS // 256 * 256, "ours": 4 * MASKS}
    each = {name: statistics.median(runs[name]) / images[name] for name in runs}
    share = 100 * (each["ours"] / each["network"] - 1)
    yield Row(what, "≤ 5 %", f"{share:.1f} %  ({torch.cuda.get_device_name()})", share <= 5, {"percent": share, **runs})  # noqa: PLR2004


def convolutions() -> Any:
    """Return a network of about the work of a ResNet-18, untrained: only its time is of interest."""
    from torch import manual_seed, nn

    manual_seed(0)
    widths = (64, 64, 64, 128, 128, 128, 256, 256, 256, 512, 512)
    layers: list[Any] = [nn.Conv2d(3, 64, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(2)]
    for before, after in pairwise(widths):
        layers += [nn.Conv2d(before, after, 3, 1 if before == after else 2, 1), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000), nn.Softmax(1))


# --- rows: quality


def region(repeats: int) -> Iterator[Row]:
    """Ask whether the superpixels of the one region that the model looks at carry the weight, and the largest."""
    backdrops = BACKDROPS[:3] if repeats <= QUICK else BACKDROPS
    what = "share of |weight| on the region's superpixels, worst of "
    for name, model, k, asked in (
        ("a model of one region", peering, None, SHARE),
        ("the same model, bent sharply, default 10 superpixels", bent, 10, None),
    ):
        shares: dict[str, float] = {}
        hits: dict[str, bool] = {}
        for segment, backdrop in product(SEGMENTS, backdrops):
            e = ours(model, picture(224), segment, backdrop=backdrop)
            shares[f"{segment}, {backdrop}"], hits[f"{segment}, {backdrop}"] = pointed(
                e.read(n_features=k or len(e.features))
            )
        worst = min(shares, key=lambda pair: shares[pair])
        measured = f"{100 * shares[worst]:.1f} %  ({worst})"
        ok = None if asked is None else shares[worst] >= asked
        yield Row(f"{name}: {what}{len(shares)}", "" if asked is None else f"≥ {asked:.0%}", measured, ok, shares)
        won = sum(hits.values())
        yield Row(f"{name}: pointing game, won of {len(hits)}", "all", str(won), won == len(hits), dict(hits))


def pointed(e: Any) -> tuple[float, bool]:
    """Return the share of weight on superpixels in the region, and whether the largest is one of them."""
    inside = np.zeros(e.representation.labels.shape, bool)
    inside[REGION] = True
    seen = np.bincount(e.representation.labels.ravel(), inside.ravel()) > 0
    weights = np.abs(e.coefficients)
    return float(weights[seen].sum() / weights.sum()), bool(seen[weights.argmax()])


def deletion(repeats: int) -> Iterator[Row]:
    """Area under the deletion curve, ours and lime's, for every way to cut and every backdrop."""
    if gone := missing(LIME):
        yield Row("area under the deletion curve", "", gone, None)
        return
    found = network("int8")
    model, image, name = bent, picture(224), "a model of one region"
    if found is not None:
        model, image, name = (
            rt.onnx(found[0], normalised, softmax=True),
            found[1],
            "MobileNetV2 (eight bits) and the cat",
        )
    areas: dict[str, tuple[float, float]] = {}
    backdrops = BACKDROPS[:2] if repeats <= QUICK else BACKDROPS
    for segment, backdrop in product(SEGMENTS, backdrops):
        e = ours(model, image, segment, FEW, backdrop)
        representation = e.representation
        behind = None if backdrop == "mean" else representation.backdrop
        theirs = np.zeros(len(e.features))
        for feature, weight in limes(model, image, representation.labels, FEW, behind).local_exp[e.target]:
            theirs[feature] = weight
        areas[f"{segment}, {backdrop}"] = (area(model, e, e.coefficients), area(model, e, theirs))
        own, lime = areas[f"{segment}, {backdrop}"]
        what = f"area under the deletion curve, {name}, {FEW} masks: {segment}, {backdrop}"
        yield Row(what, "", f"ours {own:.3f}, lime {lime:.3f}", None, {"ours": own, "lime": lime})
    own, lime = (statistics.mean(values) for values in zip(*areas.values(), strict=True))
    yield Row("the same, mean of all (small is good)", "", f"ours {own:.3f}, lime {lime:.3f}", None, {"areas": areas})


def area(model: Any, e: Any, weights: NDArray[np.float64]) -> float:
    """Take superpixels away by weight, the largest first, and average the model's answers."""
    masks = np.ones((len(weights) + 1, len(weights)), bool)
    for step, feature in enumerate(np.argsort(-weights)):
        masks[step + 1 :, feature] = False
    answers = np.concatenate([model(e.representation.perturb(part)) for part in np.array_split(masks, 8)])
    return float(np.trapezoid(answers[:, e.target], dx=1 / len(weights)))


def memory_alone() -> None:
    """Explain one picture and print by how much memory grew."""
    image, cut = picture(512), labels(512, 180)
    ours(trivial, picture(224)[:32, :32], "grid", 10)  # all code is loaded
    start = time.perf_counter()
    explained: list[Any] = []
    grown = peak(lambda: explained.append(ours(trivial, image, cut)))
    spent = time.perf_counter() - start
    print(json.dumps({"mebibytes": grown, "seconds": spent, "superpixels": len(explained[0].features)}))


ROWS = (small, large, overhead, memory, device, region, deletion)

if __name__ == "__main__":
    table(str(__doc__), lambda: f"pictures of scikit-image; {MASKS:,} masks", ROWS, memory_alone)
