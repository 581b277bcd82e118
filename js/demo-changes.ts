/** What a made-up retraining did. */
import { posts } from "./demo-pair";
import type { Changed } from "./sessions";

export function changedOf(number: number, against: number, marked: ReadonlySet<string>): Changed {
  const of = "accuracy";
  const valid = {
    name: "valid",
    label: "held out",
    before: 0.934,
    after: 0.912,
    low: -0.036,
    high: -0.008,
    p: 0.004,
  };
  const shifted = {
    name: "shifted",
    label: "shifted",
    before: 0.773,
    after: 0.824,
    low: 0.02,
    high: 0.08,
    p: 0.001,
  };
  const stress = {
    name: "stress",
    label: "stress test",
    before: 0.61,
    after: 0.908,
    low: 0.25,
    high: 0.34,
    p: 0.0001,
  };
  const reliance = { name: "reliance", label: "reliance", before: 0.38, after: 0, low: -0.45, high: -0.31 };
  const trust = {
    name: "trust",
    label: "can be trusted",
    before: 0.71,
    after: 0.72,
    low: -0.02,
    high: 0.04,
    p: 0.6,
  };
  const up = { n: 717, of, better: "up" as const };
  return {
    number,
    against,
    correction: "Drop",
    how: "process",
    seconds: 3.1,
    complete: true,
    measures: [
      { ...valid, ...up, auc: { before: 0.98, after: 0.97 } },
      { ...shifted, ...up },
      { ...stress, ...up },
      { ...reliance, n: 6, of: "share of the weight that is on marked features", better: "down" },
      { ...trust, ...up, of: "share of predictions that stay without the marked features" },
    ],
    gained: [
      { name: "rutgers", before: 0.02, after: 0.09, marked: marked.has("rutgers") },
      { name: "God", before: 0.08, after: 0.14, marked: false },
      { name: "Keith", before: 0.05, after: 0.08, marked: marked.has("Keith") },
      { name: "church", before: 0, after: 0.03, marked: false },
    ],
    turned: posts.slice(0, 8).map(({ title, label }, i) => ({
      title,
      before: i % 2 ? "christian" : "atheism",
      after: i % 2 ? "atheism" : "christian",
      label: ["atheism", "christian"][label] ?? null,
    })),
    turned_count: 41,
  };
}
