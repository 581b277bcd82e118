/** A tree as branches within branches; the way that the instance takes, or the reader's trial, stands out. */
import type { Condition, Scene, Tree } from "../contract";
import type { Desk } from "../desk";
import { digitsFor, output } from "../format";
import { abs, round } from "../maths";
import { counts, pathOf } from "../surrogate";

/** What leads to a branch: "Posting is present", "age > 39". */
export function testInWords(scene: Scene, id: number, at: number | null, there: boolean): string {
  const feature = scene.features[id] as Condition | undefined;
  const name = feature?.name ?? "";
  if (at !== null) {
    const value = (feature?.mean ?? 0) + at * (feature?.per ?? 1);
    return `${name} ${there ? ">" : "≤"} ${Number(value.toFixed(digitsFor(abs(value))))}`;
  }
  if (scene.kind === "table") return there ? name : `not ${name}`;
  return `${name} is ${there ? "present" : "absent"}`;
}

export function Branches({ desk, tree }: { desk: Desk; tree: Tree }) {
  const { scene, trial } = desk;
  const { off, edits } = trial;
  const presence = (id: number) => (off.value.has(id) ? 0 : counts(scene, id, edits.value.get(id)));
  const path = new Set(pathOf(tree, presence));
  const { rules } = desk.reading.value;
  return (
    <section class="rt-beyond" aria-label="the tree">
      <b>The tree</b>{" "}
      <span class="rt-soft">
        a yes-or-no question at each branch; in bold the way that{" "}
        {trial.idle.value ? "this instance" : "your trial"} takes
      </span>
      <Below scene={scene} tree={tree} at={0} path={path} />
      {rules && (
        <details>
          <summary>the same in sentences</summary>
          <ul>
            {rules.map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

interface Given {
  readonly scene: Scene;
  readonly tree: Tree;
  /** The node's number. */
  readonly at: number;
  readonly path: ReadonlySet<number>;
}

function Below({ at: place, ...given }: Given) {
  const { scene, tree, path } = given;
  const node = tree.nodes[place];
  if (!node) return null;
  const [feature, present, absent, at, value, share] = node;
  const part = round(100 * share);
  if (feature < 0)
    return (
      <span class="rt-leaf">
        → <b>{output(value, scene.scale)}</b>{" "}
        <small class="rt-soft" title="how much of the neighbourhood's weight comes here">
          <i style={`width:${share * 4}em`} /> {part} %
        </small>
      </span>
    );
  return (
    <ul class="rt-branches">
      {[present, absent].map((next) => (
        <li key={next} class={path.has(next) ? "rt-taken" : ""}>
          {path.has(next) && <span class="rt-unseen">taken: </span>}
          <span class="rt-test">{testInWords(scene, feature, at, next === present)}</span>{" "}
          <Below {...given} at={next} />
        </li>
      ))}
    </ul>
  );
}
