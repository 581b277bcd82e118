/** The loop: read, mark, retrain, see what changed (section 6.3 of the paper). */
import { useMemo } from "preact/hooks";
import { count } from "../format";
import type { PanelHost } from "../panelhost";
import type { SessionScene } from "../panels";
import { Grown, WhatChanged } from "./changed";
import { ElseForm } from "./form";
import { History } from "./history";
import { Marks, Siblings } from "./marks";
import { Next } from "./next";
import { Opened } from "./opened";
import { Retrain } from "./plan";
import { called, counted, hundredths, scoreOf, standingOf } from "./say";
import { Loop } from "./store";

interface Props {
  readonly loop: Loop;
}

export function SessionPanel({ host, scene }: { host: PanelHost; scene: SessionScene }) {
  const loop = useMemo(() => new Loop(host, scene), [host, scene]);
  return (
    <div class="rt-session">
      <Head loop={loop} />
      <div class="rt-loop">
        <Next loop={loop} />
        <Opened loop={loop} />
        <div class="rt-do">
          <Marks loop={loop} />
          <Siblings loop={loop} />
          <Retrain loop={loop} />
        </div>
      </div>
      <div class={loop.state.changed.value ? "rt-results" : "rt-results rt-results-none"}>
        <WhatChanged loop={loop} />
        <Grown loop={loop} />
        <History loop={loop} />
      </div>
      <ElseForm loop={loop} />
    </div>
  );
}

function Head({ loop }: Props) {
  const { rows, held_out, noun } = loop.scene;
  const standing = loop.state.standing.value;
  const revision = loop.find(loop.now);
  return (
    <>
      <div class="rt-head">
        <span>
          <b>{counted(rows, noun)}</b> to train on, <b>{count(held_out)}</b> held out
        </span>
        <div
          class="rt-facts rt-standing"
          title={`on the ${counted(held_out, noun)} held out`}
          aria-busy={
            loop.measuring.value && !!revision && scoreOf(revision, standing) !== standingOf(standing)
          }
        >
          {revision && <span>{called(revision)}</span>}
          <span>
            {standing.error == null ? "accuracy" : "mean error"} <b>{standingOf(standing)}</b>
          </span>
          {standing.trust != null && (
            <span>
              can be trusted <b>{hundredths(standing.trust)} %</b>
            </span>
          )}
        </div>
      </div>
      {revision?.model === false && (
        <p class="rt-doubt">
          This was read from its file, which holds marks and figures but no models. In a cell, rebuild()
          trains them again.
        </p>
      )}
    </>
  );
}
