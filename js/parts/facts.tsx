/** How far to believe the explanation: fit, cost, whether it has settled; in full on demand. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { canSample, type Reading, verbs } from "../contract";
import type { Desk } from "../desk";
import { count, output, rSquared } from "../format";
import { round } from "../maths";
import type { View } from "../view";
import { Button } from "./button";

const PARTIAL = {
  stopped: "sampling was stopped",
  interrupted: "the kernel was interrupted",
  failed: "the model failed",
  time: "out of time",
};

/** Whether more samples would change the picture. */
export function Standing(reading: Reading) {
  const { settled, n_samples, partial, exact } = reading;
  const drawn = count(n_samples);
  if (exact)
    return (
      <span>
        <Tick />
        exact<Small>: all {drawn} masks were asked</Small>
      </span>
    );
  if (partial)
    return (
      <span class="rt-partial">
        {partial === "time" ? PARTIAL.time : "stopped early"} – {drawn} samples
      </span>
    );
  return (
    <span>
      {settled ? <Tick /> : `${drawn} samples, not `}
      settled
      <Shared {...reading} />
    </span>
  );
}

const Tick = () => <span class="rt-settled" aria-hidden />;
const Small = ({ children }: { children: ComponentChildren }) => (
  <span class="rt-settled-how">{children}</span>
);

/** What a repetition would find again. */
const Shared = ({ stability }: Reading) =>
  stability != null && <Small>: another run would share {round(100 * stability)} % of the top parts</Small>;

export const Fit = ({ fidelity }: Reading) => (
  <span title="the share of the model's movement nearby that the surrogate follows">
    local fit <b>R² {rSquared(fidelity)}</b>
  </span>
);

interface FactsProps {
  readonly desk: Desk;
  /** Whether the details are open. */
  readonly open: Signal<boolean>;
  /** What stands in the place of the standing while samples come. */
  readonly children: ComponentChildren;
}

export function Facts({ desk: { reading, host }, open, children }: FactsProps) {
  const idle = host.state.status.value.phase === "idle";
  return (
    <div class="rt-facts">
      <Fit {...reading.value} />
      <span>
        <b>{count(reading.value.model_calls)}</b> model calls
      </span>
      {idle ? <Standing {...reading.value} /> : children}
      <Button
        class="rt-button rt-more"
        aria-expanded={open.value}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {open.value ? "less" : "more…"}
      </Button>
    </div>
  );
}

/** A sentence, when the surrogate should not be believed. */
export function Doubt({ desk }: { desk: Desk }) {
  const { doubt } = desk.reading.value;
  return doubt && <p class="rt-doubt">{doubt}</p>;
}

type Row = readonly [name: string, what: string];

const Table = ({ rows }: { rows: readonly (Row | false)[] }) => (
  <dl class="rt-fact-list">
    {rows.map(
      (row) =>
        row && (
          <div key={row[0]} class="rt-fact">
            <dt>{row[0]}</dt>
            <dd>{row[1]}</dd>
          </div>
        ),
    )}
  </dl>
);

const AGAIN = 5000;

export function Details({ desk: { scene, reading, host }, view }: { desk: Desk; view: View }) {
  const { prediction, target, local_prediction, intercept, fidelity, n_samples, stability, partial } =
    reading.value;
  const status = host.state.status.value;
  return (
    <div class="rt-details">
      <Table
        rows={[
          ["model here", output(prediction[target], scene.scale)],
          ["surrogate here", output(local_prediction, scene.scale)],
          ["surrogate with all away", output(intercept, scene.scale)],
          [
            "local fit",
            fidelity === null
              ? "cannot be told: the outputs did not move"
              : `weighted R² ${rSquared(fidelity)}`,
          ],
          ["samples", count(n_samples)],
          stability !== null && ["same top parts in another run", `${round(100 * stability)} %`],
          partial !== null && ["stopped early", PARTIAL[partial]],
        ]}
      />
      {view.keys.length > 0 && <Table rows={view.keys} />}
      {host.send && canSample(status) && (
        <Button disabled={status.phase !== "idle"} onClick={() => host.send?.(verbs.sample(AGAIN))}>
          Sample {count(AGAIN)} more
        </Button>
      )}
    </div>
  );
}
