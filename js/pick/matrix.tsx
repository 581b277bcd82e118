/** The matrix of instances by features, with the covered part lit (figure 5 of the paper). */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { count } from "../format";
import { min } from "../maths";
import { Choice } from "../parts/field";
import { keepPainted } from "./paint";
import { many } from "./say";
import { Sight } from "./sight";
import type { PickDesk } from "./store";

const HELP =
  "The matrix of instances by features. Arrow keys move among cells, Enter opens the instance, Space shows where the feature occurs.";
/** So much of it is seen at most, in pixels. */
const TALLEST = 420;

const DOWN = [
  ["picked", "picked first"],
  ["given", "own order"],
  ["weight", "total weight"],
  ["class", "class"],
] as const;
const ACROSS = [
  ["importance", "importance"],
  ["count", "count"],
  ["name", "name"],
] as const;

export function Matrix({ desk }: { desk: PickDesk }) {
  const sight = useMemo(() => new Sight(desk), [desk]);
  const { rows, columns } = sight.shape.value;
  return (
    <section class="rt-matrix">
      <div class="rt-matrix-head">
        <p class="rt-caption">
          {many(rows, "instance")} by {many(columns, "feature")}, the covered ones lit
        </p>
        <Choice
          say="rows by"
          options={DOWN}
          now={desk.down.value}
          onChoose={(order) => {
            desk.down.value = order;
          }}
        />
        <Choice
          say="columns by"
          options={ACROSS}
          now={desk.across.value}
          onChoose={(order) => {
            desk.across.value = order;
          }}
        />
        <Readout sight={sight} />
      </div>
      <Sheet sight={sight} />
      {desk.scene.left_out > 0 && (
        <p class="rt-left-out">the {count(desk.scene.left_out)} smallest weights are not in this matrix</p>
      )}
    </section>
  );
}

/** What is pointed at, in words; the cursor's cell is spoken too. */
function Readout({ sight }: { sight: Sight }) {
  return (
    <>
      <p class="rt-readout" aria-hidden="true">
        {sight.told.value ?? <Key />}
      </p>
      <p class="rt-unseen" role="status">
        {sight.spoken.value}
      </p>
    </>
  );
}

const Key = () => (
  <>
    <i class="rt-key-for" /> for its class <i class="rt-key-against" /> against it
  </>
);

function Sheet({ sight }: { sight: Sight }) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const end = sight.through(scroller.current as HTMLDivElement);
    const still = keepPainted(canvas.current as HTMLCanvasElement, sight);
    return () => {
      end();
      still();
    };
  }, [sight]);
  const { width, height } = sight.size.value;
  return (
    <div
      ref={scroller}
      class="rt-matrix-scroll"
      style={`height:${min(height + 14, TALLEST)}px`}
      role="application"
      aria-label={HELP}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes the keys
      tabIndex={0}
      onScroll={() => sight.look()}
      onPointerMove={(event) => sight.hover(sight.point(event))}
      onPointerLeave={() => sight.hover(null)}
      onClick={(event) => sight.press(sight.point(event))}
      onKeyDown={(event) => sight.keys(event)}
      onFocus={(event) => {
        sight.focused.value = event.currentTarget.matches(":focus-visible");
      }}
      onBlur={() => {
        sight.focused.value = false;
      }}
    >
      <div class="rt-matrix-sheet" style={`width:${width}px;height:${height}px`}>
        <canvas ref={canvas} />
      </div>
    </div>
  );
}
