/** The opened instance: its reasons by the model as it is, or before and after; and whether it can be trusted. */
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Instance } from "../pair/instance";
import { Button } from "../parts/button";
import { failed, sessionVerbs } from "../sessions";
import { formOf } from "./form";
import type { Loop } from "./store";

interface Props {
  readonly loop: Loop;
}

export function Opened({ loop }: Props) {
  const { host } = loop;
  const Form = useMemo(() => formOf(loop), [loop]);
  const awaited = host.awaited.value !== null;
  return (
    <div class="rt-opened" aria-busy={awaited}>
      {host.row.value === null ? (
        <p class="rt-invitation">
          {awaited ? "reading it" : "What you open is shown here, with its reasons."}
        </p>
      ) : (
        <div class="rt-opened-head">
          <p class="rt-opened-title">{loop.title}</p>
          <Trust loop={loop} />
        </div>
      )}
      {loop.many.value > 0 && host.row.value !== null && (
        <div class="rt-pair">
          <Instance pair={loop.pair.value} Form={Form} />
        </div>
      )}
    </div>
  );
}

/** Whether the prediction stays without what is marked (section 5.3 of the paper). */
function Trust({ loop }: Props) {
  const { trust } = loop.about.value;
  const asked = useSignal<typeof trust>(null);
  const asking = asked.value === trust && !failed(loop.state.status.value, "trust");
  if (!trust || !loop.state.marks.value.length) return null;
  const { surrogate, model } = trust;
  return (
    <p class="rt-trust" role="status">
      Without the marked features this prediction <Says told={surrogate} by="surrogate" />
      {model === null ? (
        loop.asks && (
          <Button
            class="rt-link"
            aria-disabled={asking}
            onClick={() => {
              asked.value = trust;
              loop.send(sessionVerbs.trust());
            }}
          >
            {asking ? "asking…" : "ask the model"}
          </Button>
        )
      ) : (
        <>
          It <Says told={model} by="model" />
        </>
      )}
    </p>
  );
}

const Says = ({ told, by }: { told: boolean | null; by: string }) => (
  <>
    <b class={told === null ? "" : told ? "rt-stays" : "rt-turns"}>
      {told === null ? "may stay or turn" : told ? "stays" : "would turn"}
    </b>
    , says the {by}.{" "}
  </>
);
