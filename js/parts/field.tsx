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
