/** What the parts of the page share: headings, what unfolds, and what is said as long as nothing is there. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Button } from "../parts/button";

interface Props {
  readonly number?: number;
  readonly children: ComponentChildren;
}

/** The heading of a step of the loop. */
export const Step = ({ number, children }: Props) => (
  <h3 class="rt-step">
    {number && <span class="rt-step-number">{number}</span>} {children}
  </h3>
);

export const Soft = ({ children }: Props) => <span class="rt-soft">{children}</span>;

export const Lead = ({ children }: Props) => <p class="rt-lead">{children}</p>;

interface FoldProps {
  /** What stands before the button, and on it. */
  readonly said: ComponentChildren;
  readonly more: string;
  readonly children: ComponentChildren;
}

/** A line that unfolds; as it is where nothing is in it. */
export function Fold({ said, more, children }: FoldProps) {
  const open = useSignal(false);
  return (
    <>
      <p>
        {said}{" "}
        {children && (
          <Button
            class="rt-link"
            aria-expanded={open.value}
            onClick={() => {
              open.value = !open.value;
            }}
          >
            {open.value ? "hide" : more}
          </Button>
        )}
      </p>
      {open.value && children}
    </>
  );
}
