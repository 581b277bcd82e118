/** Settings of a view, each with its name beside it. */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Button } from "./button";

interface Props<T> {
  readonly setting: Signal<T>;
  readonly children: ComponentChildren;
}

export const Toggle = ({ setting, children }: Props<boolean>) => (
  <Button
    class="rt-button rt-toggle"
    aria-pressed={setting.value}
    onClick={() => {
      setting.value = !setting.peek();
    }}
  >
    {children}
  </Button>
);

interface SegmentsProps<T> {
  /** What is chosen, for those who listen. */
  readonly say: string;
  readonly options: readonly (readonly [option: T, name: string, title?: string])[];
  readonly now: T;
  readonly onChoose: (option: T) => void;
}

/** Buttons in a row, of which one is pressed. */
export const Segments = <T extends string | number>({ say, options, now, onChoose }: SegmentsProps<T>) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame of its own
  <div class="rt-segments" role="group" aria-label={say}>
    {options.map(([option, name, title]) => (
      <Button
        key={option}
        class="rt-segment"
        aria-pressed={option === now}
        title={title}
        onClick={() => onChoose(option)}
      >
        {name}
      </Button>
    ))}
  </div>
);

interface ChoiceProps<T> {
  readonly say: string;
  readonly options: readonly (readonly [option: T, name: string | undefined])[];
  readonly now: T;
  readonly onChoose: (option: T) => void;
}

/** A list of which one is chosen. */
export const Choice = <T extends string | number>({ say, options, now, onChoose }: ChoiceProps<T>) => (
  <label class="rt-field">
    {say}{" "}
    <select
      class="rt-select"
      value={`${now}`}
      onChange={({ currentTarget: { selectedIndex } }) => onChoose(options[selectedIndex]?.[0] as T)}
    >
      {options.map(([option, name]) => (
        <option key={option} value={`${option}`}>
          {name}
        </option>
      ))}
    </select>
  </label>
);

interface KeptProps<T> extends Props<T> {
  readonly type: "range" | "color";
  readonly min?: number;
  readonly max?: number;
}

/** An input whose value is kept as it changes. */
export function Kept<T extends string | number>({ setting, children, ...rest }: KeptProps<T>) {
  const keep = (event: Event) => {
    const { value } = event.currentTarget as HTMLInputElement;
    setting.value = (rest.type === "range" ? Number(value) : value) as T;
  };
  return (
    <label class="rt-field">
      {children} <input class={`rt-${rest.type}`} value={setting.value} onInput={keep} {...rest} />
    </label>
  );
}
