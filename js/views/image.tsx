/** A picture with its reasons in place, beside their bars. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { whole } from "../atlas";
import { decode, Sheet } from "../canvas";
import type { Host, ImageScene } from "../contract";
import type { Desk } from "../desk";
import { Easel, Settings } from "../easel";
import { paste } from "../gestures";
import { Bars } from "../parts/bars";
import { Undrawable } from "../parts/failure";
import { Glasses } from "../parts/glasses";
import { MarkList } from "../parts/marks";
import { crisp, Stage, sized } from "../parts/stage";
import { Tools } from "../parts/tools";
import { type Photo, photoOf } from "../photo";
import type { View } from "../view";

export const image: View<ImageScene> = {
  Body,
  Preview,
  invitation: "click a superpixel to take it away",
  parts: "superpixels",
  guess: "intercept and the weights of what is present; of what is drawn or pasted it knows nothing",
  keys: [
    ["← → ↑ ↓", "move among superpixels, or among bars"],
    ["Space", "take the superpixel away, put it back"],
    ["Shift + Space", "the same with its neighbours"],
    ["Ctrl + Space", "select it, to merge, split or mark"],
    ["M", "mark it as untrustworthy"],
    ["Ctrl + V", "paste a picture into what is selected"],
  ],
};

interface Given {
  readonly desk: Desk;
  readonly scene: ImageScene;
}

/** The easel of the scene, or of the one before while its pictures are decoded. */
function useEasel(desk: Desk, scene: ImageScene): Easel | Error | null {
  const settings = useMemo(() => new Settings(), []);
  const loaded = useSignal<Photo | Error | null>(null);
  const { pixels, labels, backdrop } = desk.host.state;
  const sources = [pixels.value, labels.value, backdrop.value];
  useEffect(() => load(desk.host, scene, (photo) => (loaded.value = photo)), [desk, scene, ...sources]);
  const last = useRef<Easel | null>(null);
  const photo = loaded.value;
  if (photo instanceof Error) return photo;
  if (photo?.scene === scene && (last.current?.desk !== desk || last.current.photo !== photo)) {
    last.current?.close();
    last.current = new Easel(desk, photo, settings);
  }
  return last.current;
}

/** Decode, unless something newer comes. */
function load(host: Host, scene: ImageScene, tell: (photo: Photo | Error) => void): () => void {
  let wanted = true;
  const answer = (photo: Photo | Error) => wanted && tell(photo);
  photoOf(host, scene).then(answer, answer);
  return () => {
    wanted = false;
  };
}

function Body({ desk, scene }: Given) {
  const easel = useEasel(desk, scene);
  if (easel instanceof Error) return <Undrawable message={easel.message} />;
  return (
    <div class="rt-body rt-pictured" onPaste={(event) => easel && paste(easel, event)}>
      <div class="rt-easel">
        {easel ? <Painted easel={easel} /> : <div class="rt-stage rt-empty" style={sized(scene)} />}
      </div>
      <div class="rt-side">
        <Bars desk={desk} toggles onName={(feature) => desk.toggle(feature)} />
        <MarkList desk={desk} />
      </div>
    </div>
  );
}

const Painted = ({ easel }: { easel: Easel }) => (
  <>
    <Tools easel={easel} />
    <Stage easel={easel} />
    <Glasses easel={easel} />
    <p class="rt-unseen" role="status">
      {easel.said}
    </p>
  </>
);

/** The bare photograph, while the model has not answered. */
function Preview({ host, scene }: { host: Host; scene: ImageScene }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pixels = host.state.pixels.value;
  useLayoutEffect(() => {
    const drawn = async () => {
      const photo = await decode(pixels);
      if (!canvas.current) return;
      const sheet = new Sheet(canvas.current, photo);
      sheet.out.set(photo.rgba);
      sheet.show(whole(photo));
    };
    drawn().catch(() => {}); // what cannot be drawn is told once there is a reading
  }, [pixels]);
  return (
    <div class="rt-body rt-pictured">
      <div class="rt-easel">
        <div class="rt-stage rt-empty" style={sized(scene)}>
          <canvas ref={canvas} class={crisp(scene)} aria-hidden="true" />
        </div>
      </div>
    </div>
  );
}
