/** An explanation laid open, and surrogates that are more than weights. */
import type { Pairs, Study, Tree } from "../contract";

export const laid: Study = {
  moves: [
    { n: 128, weights: [[0, 0.2, 0.05]] },
    {
      n: 512,
      weights: [
        [0, 0.28, 0.02],
        [1, -0.12, 0.02],
      ],
    },
    {
      n: 2048,
      weights: [
        [0, 0.3, 0.01],
        [1, -0.1, null],
      ],
    },
  ],
  widths: {
    now: 25,
    floor: 0.8,
    best: 18.2,
    curve: [
      { width: 6.25, fidelity: 0.95, effective: 120 },
      { width: 18.2, fidelity: 0.81, effective: 500 },
      { width: 25, fidelity: 0.7, effective: 900 },
      { width: 100, fidelity: null, effective: 2000 },
    ],
  },
  near: [
    { off: [], model: 0.8, surrogate: 0.7, weight: 1 },
    { off: [2], model: 0.78, surrogate: 0.69, weight: 0.97 },
    { off: [0, 1, 2, 0], model: 0.5, surrogate: null, weight: 0.25 },
  ],
  residuals: [
    { absent: [0, 0], n: 1, mean: 0.1, spread: 0 },
    { absent: [1, 2], n: 40, mean: -0.02, spread: 0.03 },
  ],
  formula: ["g(z) = 0.5 +0.3 [alpha]"],
  advice: ["Another seed would share 0.83 of the top parts."],
};

/** alpha and then beta, or alpha absent: .2. */
export const tree: Tree = {
  nodes: [
    [0, 1, 4, null, 0.6, 1, 512, 0.1],
    [1, 2, 3, null, 0.7, 0.75, 400, 0.1],
    [-1, -1, -1, null, 0.8, 0.5, 300, 0],
    [-1, -1, -1, null, 0.4, 0.25, 100, 0],
    [-1, -1, -1, null, 0.2, 0.25, 112, 0],
  ],
  instance: null,
};

export const pairs: Pairs = { pairs: [[0, 1, 0.25, 0.01]], apart: [0.2, -0.05, 0] };
