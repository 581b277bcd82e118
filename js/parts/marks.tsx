/** What the reader does not trust: the form for a reason, and the list. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { verbs } from "../contract";
import type { Desk, Marking } from "../desk";
import { max, min } from "../maths";
import { Button } from "./button";

/** Whatever can be marked on: an instance, many of them. */
export type Marker = Pick<Desk, "marking" | "mark"> & {
  readonly scene: { readonly features: readonly { readonly name: string }[] };
};

export function MarkForm({ desk }: { desk: Marker }) {
  const open = desk.marking.value;
  return open && <Form key={open.features.join()} desk={desk} {...open} />;
}

/** Put the form under what asked for it, inside the card. */
export function place(form: HTMLElement, from: DOMRect): void {
  const card = (form.offsetParent ?? form).getBoundingClientRect();
  const within = (x: number, room: number) => max(8, min(x, room - 8));
  form.style.left = `${within(from.left - card.left, card.width - form.offsetWidth)}px`;
  form.style.top = `${within(from.bottom - card.top + 6, card.height - form.offsetHeight)}px`;
}

const FEW = 3;

function Form({ desk, features, anchor, at, name: called }: Marking & { desk: Marker }) {
  const form = useRef<HTMLDivElement>(null);
  const reason = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (form.current) place(form.current, at ?? anchor.getBoundingClientRect());
    reason.current?.focus({ preventScroll: true });
  }, [anchor, at]);
  const close = () => {
    desk.marking.value = null;
    anchor.focus();
  };
  const names = features.map((id) => desk.scene.features[id]?.name);
  const name = called ?? (names.length > FEW ? `these ${names.length}` : names.join(", "));
  return (
    <div
      ref={form}
      class="rt-form"
      role="dialog"
      aria-label={`Mark ${name} as untrustworthy`}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          desk.mark(features, reason.current?.value.trim() ?? "");
          anchor.focus();
        }}
      >
        <p class="rt-form-title">
          <b>{name}</b> should not count
        </p>
        <label class="rt-field">
          because{" "}
          <input ref={reason} class="rt-input" autocomplete="off" placeholder="a reason, if you like" />
        </label>
        <p class="rt-form-buttons">
          <button type="submit" class="rt-button rt-primary">
            Mark
          </button>
          <Button onClick={close}>Cancel</Button>
        </p>
      </form>
    </div>
  );
}

const SCOPES = { instance: "this one only", label: "this class", everywhere: "everywhere" };

export function MarkList({ desk }: { desk: Desk }) {
  const { host } = desk;
  const marks = host.state.marks.value;
  if (marks.length === 0) return null;
  return (
    <div class="rt-marks">
      <p class="rt-caption" aria-hidden>
        Marked as untrustworthy
      </p>
      <ul aria-label="marked as untrustworthy">
        {marks.map(({ name, scope, because, features }) => (
          <li key={name} class="rt-mark">
            <span class="rt-mark-name">{name}</span>
            <span class="rt-mark-because">{because}</span>
            <span class="rt-mark-scope">{SCOPES[scope]}</span>
            {host.send && features.length > 0 && (
              <Button
                class="rt-close"
                aria-label={`take the mark on ${name} back`}
                onClick={() => host.send?.(verbs.withdraw(features))}
              >
                ×
              </Button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
