/** The opened instance on one desk: the reader's one trial, and what each model says to it. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { Host, Reading, Scene } from "../contract";
import { Desk } from "../desk";
import { digitsFor } from "../format";
import { max } from "../maths";
import { largest, reach } from "../surrogate";
import { type Trial, trialOf } from "../trial";
import { difference, linesOf, type Tally, tally } from "./compare";
import { DIFFERENCE, type Pair } from "./store";

/** A model's own view of the trial. */
export interface Speaker {
  readonly host: Host;
  readonly scene: Scene;
  readonly reading: ReadonlySignal<Reading>;
  readonly trial: Trial;
  readonly asking: ReadonlySignal<boolean>;
}

/** A host that knows of one model only, the one at a place in the readings. */
function hostOf(host: Host, place: number): Host {
  const { probe, readings } = host.state;
  return {
    ...host,
    state: {
      ...host.state,
      readings: computed(() => {
        const models = [...new Set(readings.value.map(({ model }) => model))];
        return readings.value.filter(({ model }) => model === models[place]);
      }),
      probe: computed(
        () =>
          probe.value && {
            ...probe.value,
            outputs: probe.value.outputs.slice(place, place + 1),
            spread: probe.value.spread?.slice(place, place + 1) ?? null,
          },
      ),
    },
  };
}

export class Opened {
  /** Shows the reasons that are looked at, and asks on behalf of all. */
  readonly desk: Desk;
  /** One for each model. */
  readonly speakers: readonly Speaker[];
  /** Those of the columns, in their order. */
  readonly seated = computed(() => this.pair.seats.value.map((model) => this.speakers[model] as Speaker));
  readonly lines = computed(() => linesOf(this.seated.value.map((speaker) => this.#weights(speaker))));
  /** The first column compared with the last. */
  readonly tally = computed((): Tally => {
    const { 0: first, length, [length - 1]: last } = this.seated.value;
    return tally(first ? this.#weights(first) : [], last ? this.#weights(last) : []);
  });
  /** Where the axis of all columns ends, and the digits of their numbers. */
  readonly end = computed(() => reach(this.seated.value.flatMap((speaker) => this.#weights(speaker))));
  readonly digits = computed(() =>
    digitsFor(max(...this.seated.value.map(({ reading }) => largest(reading.value.weights)))),
  );

  constructor(
    readonly pair: Pair,
    scene: Scene,
    first: Reading,
  ) {
    const { inner } = pair.host;
    const hosts = pair.scene.models.map((_, place) => hostOf(inner, place));
    const readingsOf = (place: number) => hosts[pair.seats.value.at(place) ?? 0]?.state.readings.value ?? [];
    const readings = computed(() => {
      if (pair.lens.value !== DIFFERENCE) return readingsOf(pair.lens.value);
      const last = readingsOf(-1);
      return readingsOf(0).map((one) =>
        difference(one, last.find(({ target }) => target === one.target) ?? one),
      );
    });
    this.desk = new Desk({ ...inner, state: { ...inner.state, readings } }, told(pair, scene), first);
    const { reading, trial, asking } = this.desk;
    this.speakers = hosts.map((host) => {
      const own = computed(() => {
        const mine = host.state.readings.value;
        return mine.find(({ target }) => target === reading.value.target) ?? mine[0] ?? first;
      });
      return { host, scene, reading: own, trial: trialOf(host, scene, own, trial), asking };
    });
  }

  close(): void {
    this.desk.close();
    for (const { trial } of this.speakers) trial.forget();
  }

  /** What was read before is cut to as many as the reader wants. */
  #weights({ reading, host }: Speaker) {
    const top = this.desk.rereads ? null : host.state.look.value.top;
    return reading.value.weights.slice(0, top ?? undefined);
  }
}

/** A scene whose classes say so where a difference is shown. */
const told = (pair: Pair, scene: Scene): Scene => ({
  ...scene,
  get classes() {
    if (pair.lens.value !== DIFFERENCE) return scene.classes;
    const { 0: first, length, [length - 1]: last } = pair.names.value;
    return scene.classes.map((name) => `${name} (${last} minus ${first})`);
  },
});
