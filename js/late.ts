import { useEffect, useState } from "preact/hooks";

/** True once something has lasted for so many milliseconds. */
export function useLate(lasting: boolean, ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!lasting) return;
    const timer = setTimeout(setLate, ms, true);
    return () => clearTimeout(timer);
  }, [lasting, ms]);
  return lasting && late;
}
