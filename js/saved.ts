/** Views in a page that stands alone: its state is in it, and no kernel listens. */
import { signal } from "@preact/signals";
import { mount } from "./card";
import { complete, type Host } from "./contract";
import type { Views } from "./view";

function hostOf(json: string): Host {
  const traits = complete(JSON.parse(json));
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

export function open(views: Views): void {
  const state = document.getElementById("retrust-state");
  const root = document.getElementById("retrust");
  if (state && root) mount(root, hostOf(state.textContent ?? ""), views, new AbortController().signal);
}
