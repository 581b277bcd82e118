/** The form in which a part is marked: why, and where that holds. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Scope } from "../contract";
import { Button } from "../parts/button";
import { type Marker, place } from "../parts/marks";
import type { Loop, Marking } from "./store";

interface Props {
  readonly loop: Loop;
  readonly marking: Marking;
  readonly onEnd: () => void;
}

function Form({ loop, marking, onEnd }: Props) {
  const { name, because, scope, scoped, anchor, at, mark } = marking;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (box.current) place(box.current, at ?? anchor.getBoundingClientRect());
    box.current?.querySelector("input")?.focus({ preventScroll: true });
  }, [anchor, at]);
  const end = () => {
    onEnd();
    anchor.focus();
  };
  return (
    <div
      ref={box}
      class="rt-form"
      role="dialog"
      aria-label={`Mark ${name} as untrustworthy`}
      onKeyDown={(event) => event.key === "Escape" && end()}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const said = new FormData(event.currentTarget);
          mark(String(said.get("because")).trim(), (said.get("scope") as Scope | null) ?? scope);
          end();
        }}
      >
        <p class="rt-form-title">
          <b>{name}</b> should not count
        </p>
        <label class="rt-field">
          because{" "}
          <input
            class="rt-input"
            name="because"
            autocomplete="off"
            placeholder="a reason, if you like"
            defaultValue={because}
          />
        </label>
        {scoped && <Scopes loop={loop} scope={scope} />}
        <p class="rt-form-buttons">
          <button type="submit" class="rt-button rt-primary">
            Mark
          </button>
          <Button onClick={end}>Cancel</Button>
        </p>
      </form>
    </div>
  );
}

/** Where the mark holds. */
function Scopes({ loop: { scene, label, everywhere }, scope }: { loop: Loop; scope: Scope }) {
  const { classes, noun } = scene;
  const alike = classes.length > 1 && classes[label ?? -1];
  const scopes: readonly (readonly [Scope, string])[] = [
    ["everywhere", `in every ${noun}`],
    ["label", `where the label is ${alike || "the same"}`],
    ["instance", `in this ${noun} only`],
  ];
  return (
    <fieldset class="rt-scopes">
      <legend>where</legend>
      {scopes.map(([value, say]) => (
        <label key={value}>
          <input
            type="radio"
            name="scope"
            value={value}
            defaultChecked={scope === value}
            disabled={value !== "instance" && !everywhere}
          />{" "}
          {say}
        </label>
      ))}
      {!everywhere && (
        <p class="rt-soft">
          Parts of two pictures have nothing in common without a visual vocabulary: s.learn_words().
        </p>
      )}
    </fieldset>
  );
}

const FEW = 3;

/** A form for the opened instance's features. */
export const formOf = (loop: Loop) =>
  function HereForm({ desk }: { desk: Marker }) {
    const open = desk.marking.value;
    if (!open) return null;
    const names = open.features.map((id) => desk.scene.features[id]?.name);
    const marking: Marking = {
      ...open,
      name: names.length > FEW ? `these ${names.length}` : names.join(", "),
      because: "",
      scope: loop.widest,
      scoped: true,
      mark: (because, scope) => loop.markHere(open.features, because, scope),
    };
    const end = () => {
      desk.marking.value = null;
    };
    return <Form key={names.join()} loop={loop} marking={marking} onEnd={end} />;
  };

/** The form for what is marked elsewhere on the page. */
export function ElseForm({ loop }: { loop: Loop }) {
  const { marking } = loop;
  const end = () => {
    marking.value = null;
  };
  return marking.value && <Form key={marking.value.name} loop={loop} marking={marking.value} onEnd={end} />;
}
