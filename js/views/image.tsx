/** A picture with its reasons in place, beside their bars. */
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ImageScene } from "../contract";
import { Easel, Settings } from "../easel";
import { paste } from "../gestures";
import { Undrawable } from "../parts/failure";
import { Stage } from "../parts/stage";
import { Glasses, Tools } from "../parts/tools";
import { photoOf } from "../photo";
import { Side as Reasons } from "../side";
import type { BodyProps, View } from "../view";

/** Without a choice of superpixels, as in panels and pages that stand alone. */
export const image: View<ImageScene> = {
  Body,
  invitation: "click a superpixel to take it away",
  parts: "superpixels",
  guess: "intercept and the weights of what is present; it knows nothing of a drawing",
  keys: [
    ["← → ↑ ↓", "move among superpixels, or among bars"],
    ["Space", "take the superpixel away, put it back"],
    ["Shift Space", "the same, with its neighbours"],
    ["M", "mark it as untrustworthy"],
    ["Ctrl V", "paste a picture into it"],
  ],
};

/** The easel of the scene, or of the one before while its pictures are decoded. */
function useEasel({ desk, scene }: BodyProps<ImageScene>): Easel | Error | null {
  const settings = useMemo(() => new Settings(), []);
  const easel = useSignal<Easel | Error | null>(null);
  const { pixels, labels, backdrop } = desk.host.state;
  useEffect(() => {
    let wanted = true;
    const put = (made: Easel | Error) => {
      if (wanted) easel.value = made;
    };
    photoOf(desk.host, scene).then((photo) => put(new Easel(desk, photo, settings)), put);
    return () => {
      wanted = false;
    };
  }, [desk, pixels.value, labels.value, backdrop.value]);
  return easel.value;
}

interface Props extends BodyProps<ImageScene> {
  /** What can be done with what is selected. */
  readonly Chosen?: ComponentType<{ easel: Easel }>;
}

export function Body({ desk, scene, Chosen, Side = Reasons }: Props) {
  const easel = useEasel({ desk, scene });
  if (easel instanceof Error) return <Undrawable message={easel.message} />;
  return (
    <div class="rt-body" onPaste={(event) => easel && paste(easel, event)}>
      <div class="rt-easel" style={`--rt-w:${scene.width};--rt-h:${scene.height}`}>
        {easel ? <Painted easel={easel} Chosen={Chosen} /> : <div class="rt-stage" />}
      </div>
      <Side desk={desk} toggles onName={(feature) => desk.toggle(feature)} />
    </div>
  );
}

const Painted = ({ easel, Chosen }: { easel: Easel; Chosen: Props["Chosen"] | undefined }) => (
  <>
    <Tools easel={easel} Chosen={Chosen} />
    <Stage easel={easel} />
    <Glasses easel={easel} />
    <p class="rt-unseen" role="status">
      {easel.said}
    </p>
  </>
);
