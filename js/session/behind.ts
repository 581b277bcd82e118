/** What stays as it is while something beside it changes, and what comes later than its cause. */
import { computed, type ReadonlySignal } from "@preact/signals";
import type { About } from "../sessions";

/** The same object while only what is said of an instance changes, not the instance. */
export function still(instance: ReadonlySignal<unknown>): ReadonlySignal<unknown> {
  let [kept, key]: [unknown, string] = [{}, ""];
  return computed(() => {
    const { trust, title, label, ...scene } = instance.value as About;
    const now = JSON.stringify(scene);
    if (now !== key) [kept, key] = [scene, now];
    return kept;
  });
}

/** Whether a cause is another than when its effect last came; as an effect may be the same, a cause may go back. */
export function behind(effect: () => unknown, cause: () => unknown): ReadonlySignal<boolean> {
  let then: unknown;
  let by: unknown;
  return computed(() => {
    const [now, why] = [effect(), cause()];
    if (now !== then) [then, by] = [now, why];
    return why !== by;
  });
}
