/** A panel's host: what is open, what is on its way, and how to open another. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { canOpen, failedOpen, type Host, panelVerbs } from "./contract";
import { type Picked, pickedOf, rowOf } from "./panels";
import type { Views } from "./view";
import { forgetting } from "./wish";

export interface PanelHost extends Host {
  readonly picked: ReadonlySignal<Picked | null>;
  /** The row of the instance that is open, or null. */
  readonly row: ReadonlySignal<number | null>;
  /** The row that was asked for and has not come yet, or null. */
  readonly awaited: ReadonlySignal<number | null>;
  /** The host of the opened instance: its scene is `instance`. */
  readonly inner: Host;
  /** How an opened instance is drawn. */
  readonly views: Views;
  /** Whether instances can be opened; a page that stands alone opens those it holds. */
  readonly opens: ReadonlySignal<boolean>;
  /** Whether this one can be. */
  holds(row: number): boolean;
  open(row: number): void;
  /** End with the view. */
  close(): void;
}

export function panelHostOf(host: Host, views: Views): PanelHost {
  const { instance, look, picked, status } = host.state;
  const row = computed(() => rowOf(instance.value));
  const asked = signal<number | null>(null);
  const awaited = computed(() => (asked.value === row.value ? null : asked.value));
  const clear = () => {
    const { off, edits } = look.peek();
    if (off.length || Object.keys(edits).length) host.keep({ ...look.peek(), off: [], edits: {} });
  };
  const asks = () => host.send !== null && canOpen(status.value);
  let before = row.peek();
  const ends = [
    // A trial belongs to its instance: what was switched off meanwhile ends with the one before.
    effect(() => {
      if (row.value === asked.peek()) asked.value = null;
      if (row.value !== before) clear();
      before = row.value;
    }),
    effect(() => {
      if (failedOpen(status.value)) asked.value = null;
    }),
    forgetting(asked),
  ];
  return {
    ...host,
    picked: computed(() => pickedOf(picked.value)),
    row,
    awaited,
    inner: { ...host, state: { ...host.state, scene: instance } },
    views,
    opens: computed(() => asks() || (host.shelf?.rows.size ?? 0) > 0),
    holds: (wanted) => asks() || (host.shelf?.rows.has(wanted) ?? false),
    open(wanted) {
      if (wanted === row.peek() && awaited.peek() === null) return;
      if (!host.send) {
        if (host.shelf?.rows.has(wanted)) host.shelf.open(wanted);
        return;
      }
      asked.value = wanted;
      clear();
      host.send(panelVerbs.open(wanted));
    },
    close() {
      for (const end of ends) end();
    },
  };
}
