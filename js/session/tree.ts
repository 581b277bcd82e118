/** Where revisions stand in their tree: each beside its parent, branches below. */
import { max } from "../maths";
import type { Revision } from "../sessions";

export interface Spot {
  readonly revision: Revision;
  /** How many trainings from the first. */
  readonly depth: number;
  /** 0 is the topmost line. */
  readonly lane: number;
}

export interface Tree {
  readonly spots: readonly Spot[];
  readonly links: readonly (readonly [from: Spot, to: Spot])[];
  readonly depth: number;
  readonly lanes: number;
}

/** The first that was trained from a revision goes on in its line, each other one opens a line of its own. */
export function treeOf(revisions: readonly Revision[]): Tree {
  const spots = new Map<number, Spot>();
  const goneOn = new Set<number>();
  const links: (readonly [Spot, Spot])[] = [];
  let lanes = 0;
  for (const revision of revisions) {
    const from = spots.get(revision.parent ?? -1);
    const straight = from && !goneOn.has(from.revision.number);
    const spot = { revision, depth: from ? from.depth + 1 : 0, lane: straight ? from.lane : lanes++ };
    if (from) {
      goneOn.add(from.revision.number);
      links.push([from, spot]);
    }
    spots.set(revision.number, spot);
  }
  const all = [...spots.values()];
  return { spots: all, links, depth: max(0, ...all.map(({ depth }) => depth)), lanes };
}
