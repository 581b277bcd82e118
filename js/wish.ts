/** What is asked for and awaited. */
import { effect, type Signal } from "@preact/signals";

/** What nothing answers for so long is no longer awaited. */
const GIVE_UP = 8000;

/** Forget each wish in time, until the end that is returned. */
export const forgetting = <T>(wish: Signal<T | null>): (() => void) =>
  effect(() => {
    if (wish.value === null) return;
    const late = setTimeout(() => {
      wish.value = null;
    }, GIVE_UP);
    return () => clearTimeout(late);
  });
