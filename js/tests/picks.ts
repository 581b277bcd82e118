/** A small pick for the tests, and one whose names would do harm if they were parsed. */
import type { Glance, Picked, PickScene } from "../panels";

const EVIL = '<img src=x onerror="window.hurt=1">';

/** Five instances, four features; weights as in the comments. */
export function scene(change: Partial<PickScene> = {}): PickScene & { version: 1 } {
  const feature = (name: string, importance: number, count: number, toward: number[]) => ({
    name,
    importance,
    count,
    toward,
    picture: null,
  });
  const instance = (title: string, target: number, prediction: number, label: number | null) => ({
    title,
    target,
    prediction,
    label,
    fidelity: 0.8,
  });
  return {
    version: 1,
    kind: "pick",
    unit: "text",
    classes: ["atheism", "christian"],
    scale: "probability",
    features: [
      feature("Posting", 4, 3, [2.5, 0.5]),
      feature("Host", 3, 2, [1, -1]),
      feature("élan", 2, 1, [0, 1]),
      feature("fish", 1, 1, [0.25, 0]),
    ],
    instances: [
      instance("Darwin fish", 0, 0.87, 0),
      instance("Easter", 1, 0.6, 0),
      instance("Where are they", 0, 0.71, 0),
      instance("Morality", 1, 0.93, 1),
      instance("Another fish", 0, 0.55, 1),
    ],
    //       0: Posting +.4, fish +.1 | 1: Host −.3, Posting +.2 | 2: Host +.5 | 3: élan +.3 | 4: Posting −.1
    matrix: {
      starts: [0, 2, 4, 5, 6, 7],
      features: [0, 3, 1, 0, 1, 2, 0],
      weights: [0.4, 0.1, -0.3, 0.2, 0.5, 0.3, -0.1],
    },
    left_out: 0,
    ...change,
  };
}

const glances: readonly Glance[] = [
  {
    pieces: [
      ["a ", -1],
      ["Host", 1],
      [" and ", -1],
      ["Posting", 0],
    ],
  },
  { picture: "UklGRg==" },
  { weights: [[0, 0.4]] },
];

export function picked(change: Partial<Picked> = {}): Picked {
  return {
    method: "submodular",
    target: null,
    errors: false,
    among: 5,
    rows: [1, 3, 0],
    covered: [0.7, 0.9, 1],
    added: [[0, 1], [2], [3]],
    random: { mean: [0.4, 0.6, 0.8], low: [0.2, 0.4, 0.6], high: [0.6, 0.8, 1] },
    glances,
    ...change,
  };
}

/** The whole state; `change` replaces traits. */
export function state(change: object = {}) {
  return {
    scene: scene(),
    picked: picked(),
    instance: {},
    readings: [],
    marks: [],
    probe: null,
    status: {
      phase: "idle" as const,
      done: 0,
      of: 0,
      message: "",
      error: null,
      can: ["probe", "open", "pick", "mark"],
    },
    look: { off: [], edits: {}, top: null, budget: 2 },
    ...change,
  };
}

/** Everything that has a name has this one. */
export function hostile() {
  const { features, instances, ...rest } = scene();
  return state({
    scene: {
      ...rest,
      classes: [EVIL, EVIL],
      features: features.map((feature) => ({ ...feature, name: EVIL })),
      instances: instances.map((instance) => ({ ...instance, title: EVIL })),
    },
    picked: picked({ glances: glances.map(() => ({ pieces: [[EVIL, 0]] })) }),
    marks: [{ name: EVIL, scope: "everywhere", because: EVIL, features: [], columns: [0] }],
  });
}
