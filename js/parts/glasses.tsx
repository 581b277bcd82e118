/** How the picture is looked at: how strong, how much, or as it was. */
import type { Signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Easel } from "../easel";
import { count } from "../format";

export function Glasses({ easel }: { easel: Easel }) {
  const { settings, desk } = easel;
  const { strength } = settings;
  const most = desk.shown.value.size;
  return (
    <div class="rt-glasses">
      <label class="rt-field">
        evidence{" "}
        <input
          class="rt-range"
          type="range"
          min={0}
          max={100}
          value={strength.value}
          aria-label="strength of the evidence"
          onInput={(event) => {
            strength.value = Number(event.currentTarget.value);
          }}
        />
      </label>
      <label class="rt-field">
        top{" "}
        <input
          class="rt-input rt-number"
          type="number"
          min={1}
          max={most}
          value={Math.min(settings.top.value ?? most, most)}
          aria-label="only the strongest superpixels, so many"
          onInput={(event) => wish(settings.top, event.currentTarget.value, most)}
        />{" "}
        of {count(most)}
      </label>
      <Check setting={settings.alone}>hide the rest</Check>
      <Check setting={settings.outlines}>outlines</Check>
      <Original setting={settings.original} />
    </div>
  );
}

function wish(top: Signal<number | null>, text: string, most: number): void {
  const n = Math.min(Math.max(Math.round(Number(text)), 1), most);
  if (text.trim()) top.value = n < most ? n : null;
}

const Check = ({ setting, children }: { setting: Signal<boolean>; children: string }) => (
  <label class="rt-field">
    <input
      class="rt-check"
      type="checkbox"
      checked={setting.value}
      onChange={(event) => {
        setting.value = event.currentTarget.checked;
      }}
    />{" "}
    {children}
  </label>
);

const HELD = 350;

/** A click turns it on and off; held, it lasts as long as it is held. */
function Original({ setting }: { setting: Signal<boolean> }) {
  const down = useRef({ at: 0, was: false });
  return (
    <button
      type="button"
      class="rt-button rt-original"
      aria-pressed={setting.value}
      title="the picture as it is: click, or hold"
      onPointerDown={(event) => {
        down.current = { at: event.timeStamp, was: setting.peek() };
        setting.value = true;
      }}
      onClick={(event) => {
        const { at, was } = down.current;
        const keyed = event.detail === 0;
        setting.value = keyed ? !setting.peek() : !was && event.timeStamp - at < HELD;
      }}
    >
      Original
    </button>
  );
}
