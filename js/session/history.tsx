/** The tree of what was trained: go back, branch, name, compare. */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Button } from "../parts/button";
import { sessionVerbs } from "../sessions";
import { walk } from "../walk";
import { called, counted, scoreOf } from "./say";
import { Lead, Soft, Step } from "./step";
import type { Loop } from "./store";
import { type Spot, treeOf } from "./tree";

interface Props {
  readonly loop: Loop;
}

const [WIDE, TALL, LEFT, TOP] = [104, 62, 52, 14];
const x = ({ depth }: Spot) => LEFT + depth * WIDE;
const y = ({ lane }: Spot) => TOP + lane * TALL;

export function History({ loop }: Props) {
  const alone = loop.state.revisions.value.length < 2;
  return (
    <section class="rt-history">
      <Step>History</Step>
      {alone ? (
        <Lead>Every training is kept here. Go back to one and train from there: that is a branch.</Lead>
      ) : (
        <>
          <Drawn loop={loop} />
          <Renaming key={loop.now} loop={loop} />
          <Contrast key={`to ${loop.now}`} loop={loop} />
        </>
      )}
    </section>
  );
}

function Drawn({ loop }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const revisions = loop.state.revisions.value;
  const { spots, links, depth, lanes } = useMemo(() => treeOf(revisions), [revisions]);
  const here = spots.find(({ revision }) => revision.number === loop.now);
  const [width, height] = [depth * WIDE + 2 * LEFT, lanes * TALL];
  useLayoutEffect(() => {
    if (box.current && here) box.current.scrollLeft = x(here) - box.current.clientWidth / 2;
  }, [here]);
  return (
    <div ref={box} class="rt-tree">
      <div style={`width:${width}px;height:${height}px`}>
        <svg width={width} height={height} aria-hidden>
          {links.map(([from, to]) => (
            <path key={to.revision.number} d={curve(from, to)} />
          ))}
        </svg>
        <ol aria-label="revisions" onKeyDown={walk}>
          {spots.map((spot) => (
            <Node key={spot.revision.number} loop={loop} spot={spot} />
          ))}
        </ol>
      </div>
    </div>
  );
}

/** From one to the other, bent where a branch leaves its line. */
function curve(from: Spot, to: Spot): string {
  const [ax, ay, bx, by] = [x(from), y(from), x(to), y(to)];
  return ay === by ? `M${ax} ${ay}H${bx}` : `M${ax} ${ay}C${ax + 40} ${ay} ${ax + 30} ${by} ${bx} ${by}`;
}

function Node({ loop, spot }: Props & { spot: Spot }) {
  const { revision } = spot;
  const current = revision.number === loop.now;
  const still = !loop.listens || loop.phase.value === "retraining";
  const name = called(revision);
  const figure = scoreOf(revision, loop.state.standing.value);
  const more = [
    counted(revision.marks, "mark"),
    revision.correction,
    !revision.model && "its model is not here",
  ];
  return (
    <li style={`left:${x(spot)}px;top:${y(spot)}px`}>
      <Button
        class={revision.model ? "rt-node" : "rt-node rt-node-bare"}
        tabIndex={current ? 0 : -1}
        aria-current={current}
        aria-disabled={still}
        title={current ? "the model that is shown" : "go to this model and its marks"}
        onClick={() => !still && !current && loop.send(sessionVerbs.go(revision.number))}
      >
        <i aria-hidden />
        <span class="rt-node-name">{name}</span>
        <span class="rt-node-figure">
          {figure}
          <span class="rt-unseen">, {more.filter(Boolean).join(", ")}</span>
        </span>
      </Button>
    </li>
  );
}

/** The name of what is shown can be typed over. */
function Renaming({ loop }: Props) {
  const revision = loop.find(loop.now);
  if (!loop.listens || !revision) return null;
  return (
    <label class="rt-field">
      shown{" "}
      <input
        class="rt-input"
        aria-label={`a name for ${called(revision)}, which is shown`}
        title="type another name"
        maxLength={40}
        value={called(revision)}
        onChange={(event) => {
          const name = event.currentTarget.value.trim();
          if (name) loop.send(sessionVerbs.name(revision.number, name));
        }}
      />
    </label>
  );
}

/** Any two, by their figures. */
function Contrast({ loop }: Props) {
  const revisions = loop.state.revisions.value;
  const parent = loop.find(loop.now)?.parent;
  const [a, b] = parent == null ? [loop.now, revisions.at(-1)?.number] : [parent, loop.now];
  if (!loop.listens) return null;
  const choice = (name: string, label: string, first: number | undefined) => (
    <select class="rt-select" name={name} aria-label={label}>
      {revisions.map((revision) => (
        <option key={revision.number} value={revision.number} selected={revision.number === first}>
          {called(revision)}
        </option>
      ))}
    </select>
  );
  return (
    <form
      class="rt-contrast"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = new FormData(event.currentTarget);
        loop.send(sessionVerbs.contrast(Number(chosen.get("a")), Number(chosen.get("b"))));
      }}
    >
      {choice("a", "compare this one", a)} <Soft>with</Soft> {choice("b", "with this one", b)}{" "}
      <button type="submit" class="rt-button">
        Compare
      </button>
    </form>
  );
}
