import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** True once something has lasted for so many milliseconds. */
export function useLate(lasting: boolean, ms: number): boolean {
  const late = useSignal(false);
  useEffect(() => {
    late.value = false;
    if (!lasting) return;
    const timer = setTimeout(() => {
      late.value = true;
    }, ms);
    return () => clearTimeout(timer);
  }, [lasting, ms, late]);
  return lasting && late.value;
}
