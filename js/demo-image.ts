/** Pictures for the workbench, with a model that looks for a lighthouse. */
import { atlasOf } from "./atlas";
import type { ImageScene, Reading, Weight } from "./contract";
import { bytesFor, cut, digit, harbour, numbered } from "./demo-pictures";
import { type Sent, Workbench } from "./workbench";

type Cut = ReturnType<typeof cut>;

const likes = (x: number, y: number) => {
  if (x > 0.64 && x < 0.79 && y > 0.14 && y < 0.72) return 0.062 * (1.1 - Math.abs(y - 0.3));
  if (x > 0.18 && x < 0.42 && y > 0.58 && y < 0.84) return -0.031 * (1 + Math.sin(9 * x));
  return 0.007 * Math.sin(31 * x + 17 * y);
};

/** The traits that follow from how a picture is cut. */
async function traitsOf({ pixels, labels, width }: Cut, change: Partial<Reading>) {
  const { count, ...bytes } = await bytesFor(pixels, labels, width);
  const height = pixels.length / width;
  const { centres } = atlasOf(labels, { width, height }, count);
  const weights = centres
    .map(
      ({ x, y }, id): Weight => [id, likes(x / width, y / height), 0.0022 + 0.001 * Math.abs(Math.sin(id))],
    )
    .sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))
    .slice(0, 14);
  const local = 0.27 + weights.reduce((sum, [, weight]) => sum + weight, 0);
  const scene: ImageScene & { version: 1 } = {
    version: 1,
    kind: "image",
    features: centres.map((_, id) => ({ name: `superpixel ${id}` })),
    classes: ["lighthouse", "sailing boat", "headland"],
    scale: "probability",
    width,
    height,
    backdrop: "colours",
  };
  const reading: Reading = {
    model: "model",
    target: 0,
    prediction: [0.84, 0.11, 0.05],
    local_prediction: local,
    intercept: 0.27,
    weights,
    fidelity: 0.79,
    n_samples: 1000,
    model_calls: 1000,
    n_features: 14,
    settled: true,
    stability: 0.94,
    partial: null,
    doubt: null,
    ...change,
  };
  return { ...bytes, scene, readings: [reading] };
}

/** Join and quarter superpixels. */
function reshaped({ pixels, labels, width }: Cut, { merge, split }: Extract<Sent, { verb: "reshape" }>): Cut {
  const { boxes, areas } = atlasOf(
    labels,
    { width, height: pixels.length / width },
    Math.max(...labels.subarray(0, 1), ...new Set(labels)) + 1,
  );
  const joined = new Map(merge.flatMap((group) => group.map((id) => [id, group[0] as number] as const)));
  const fresh = (id: number, i: number) => {
    const box = boxes[id];
    if (!box || !split.includes(id)) return joined.get(id) ?? id;
    const right = (i % width) * 2 > box.x0 + box.x1;
    const low = Math.floor(i / width) * 2 > box.y0 + box.y1;
    return areas.length + 4 * id + Number(right) + 2 * Number(low);
  };
  return { pixels, width, labels: numbered(labels.map(fresh)) };
}

export interface Example {
  readonly title: string;
  readonly bench: Workbench;
}

const STATUS = { phase: "idle", done: 1000, of: 1000, message: "", error: null, can: ["probe", "sample"] };

/** Workbenches whose kernel is `answer`, and can cut anew. */
export async function pictures(answer: (verb: Sent, bench: Workbench) => void): Promise<Example[]> {
  const open = async (
    title: string,
    made: Cut,
    change: Partial<Reading> = {},
    status = {},
  ): Promise<Example> => {
    let now = made;
    const hear = async (verb: Sent, bench: Workbench) => {
      if (verb.verb !== "reshape") return answer(verb, bench);
      now = reshaped(now, verb);
      const traits = await traitsOf(now, change);
      for (const [name, value] of Object.entries(traits)) bench.set(name as "scene", value);
      answer({ verb: "sample", n: 1000, id: verb.id }, bench);
    };
    const state = {
      ...(await traitsOf(made, change)),
      marks: [],
      probe: null,
      status: { ...STATUS, ...status },
    };
    return { title, bench: new Workbench(state, hear) };
  };
  const doubt =
    "The surrogate follows the model poorly here (R² 0.22): believe the model's answers, not the colours.";
  return [
    await open("picture", cut(harbour, 512, 512, 44)),
    await open("picture in doubt, small", cut(harbour, 240, 160, 22), {
      doubt,
      fidelity: 0.22,
      settled: false,
    }),
    await open("digit, no model at hand", cut(digit, 8, 8, 2), {}, { can: [] }),
  ];
}
