/** Views in a page that stands alone: its state is in it, and no kernel listens. */
import { batch, type Signal, signal } from "@preact/signals";
import { cardOf, type Draw, put } from "./card";
import { complete, type Host, type Traits } from "./contract";
import { type Panels, panelOf } from "./panel";
import type { Views } from "./view";

function hostOf(json: string, whole = complete): Host {
  const traits = whole(JSON.parse(json));
  const look = signal(traits.look);
  const still = Object.entries(traits).map(([name, value]) => [name, signal(value)] as const);
  return {
    state: { ...(Object.fromEntries(still) as unknown as Host["state"]), look },
    keep(kept) {
      look.value = kept;
    },
    send: null,
  };
}

/** The host of a panel's page, which opens what is stored in it. */
function shelved(json: string, whole = complete): Host {
  const { stored = {} }: { stored?: Record<number, Partial<Traits>> } = JSON.parse(json);
  const host = hostOf(json, whole);
  const state = host.state as unknown as Record<string, Signal<unknown>>;
  const open = (row: number) =>
    batch(() => {
      const traits = whole(stored[row] ?? {});
      for (const name of Object.keys(stored[row] ?? {}) as (keyof Traits)[]) {
        const trait = state[name];
        if (trait) trait.value = traits[name];
      }
    });
  return { ...host, shelf: { rows: new Set(Object.keys(stored).map(Number)), open } };
}

function show(draw: Draw, host: (json: string) => Host): void {
  const state = document.getElementById("retrust-state");
  const root = document.getElementById("retrust");
  if (state && root) put(root, draw(host(state.textContent ?? "")), new AbortController().signal);
}

export const open = (views: Views) => show(cardOf(views), hostOf);

/** `whole` knows the traits, where a panel has more than others. */
export const openPanels = (panels: Panels, whole?: typeof complete) =>
  show(panelOf(panels), (json) => shelved(json, whole));
