/** Views in a notebook: the only file that knows the notebook's model. */
import type { AnyModel, AnyWidget } from "@anywidget/types";
import { signal } from "@preact/signals";
import { cardOf, type Draw, put } from "./card";
import { complete, type Host, OURS, type Traits, verbs } from "./contract";
import { type Panels, panelOf } from "./panel";
import type { Views } from "./view";

type Model = Pick<
  AnyModel<Record<keyof Traits, unknown>>,
  "get" | "set" | "on" | "off" | "save_changes" | "send"
>;
/** Older hosts give no signal. */
type Given = { readonly model: Model; readonly el: HTMLElement; readonly signal?: AbortSignal };

/** Makes a whole state of a part of it. */
type Whole = typeof complete;

function hostOf(model: Model, life: AbortSignal, whole: Whole): Host {
  const read = (name: keyof Traits) => whole({ [name]: model.get(name) })[name];
  const signals = (Object.keys(whole({})) as (keyof Traits)[]).map((name) => {
    const trait = signal(read(name));
    const changed = () => {
      trait.value = read(name);
    };
    model.on(`change:${name}`, changed);
    life.addEventListener("abort", () => model.off(`change:${name}`, changed));
    return [name, trait] as const;
  });
  let id = Date.now(); // unlike the ids of another view, and of this one before a reload
  model.send({ ...verbs.hello(), id }); // some kernels lose the first message after a reload
  return {
    state: Object.fromEntries(signals) as unknown as Host["state"],
    keep(look) {
      model.set(OURS, look);
      model.save_changes();
    },
    send(verb, buffers) {
      id += 1;
      model.send({ ...verb, id }, undefined, buffers);
      return id;
    },
  };
}

/** Hosts end a view by the signal, older ones by calling what is returned. */
const widget = (draw: Draw, whole = complete) =>
  ({
    render({ model, el, signal }: Given) {
      const life = new AbortController();
      signal?.addEventListener("abort", () => life.abort());
      put(el, draw(hostOf(model, life.signal, whole)), life.signal);
      return () => life.abort();
    },
  }) satisfies AnyWidget;

export const widgetOf = (views: Views) => widget(cardOf(views));

/** `whole` knows the traits, where a panel has more than others. */
export const widgetOfPanels = (panels: Panels, whole?: Whole) => widget(panelOf(panels), whole);
