/** A number that is asked for once it has rested. */
import { useEffect, useRef } from "preact/hooks";
import { count } from "../format";
import { max, min, round } from "../maths";

interface Props {
  readonly say: string;
  readonly name: string;
  readonly n: number;
  readonly most: number;
  readonly onChange: (n: number) => void;
}

const PAUSE = 300;

export function HowMany({ say, name, n, most, onChange }: Props) {
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);
  const typed = (text: string) => {
    clearTimeout(pause.current);
    const wish = min(max(round(Number(text)), 1), most);
    if (text.trim() && wish !== n) pause.current = setTimeout(onChange, PAUSE, wish);
  };
  return (
    <label class="rt-field">
      {say}{" "}
      <input
        class="rt-input rt-number"
        type="number"
        min={1}
        max={most}
        value={min(n, most)}
        aria-label={name}
        onInput={(event) => typed(event.currentTarget.value)}
      />{" "}
      of {count(most)}
    </label>
  );
}
