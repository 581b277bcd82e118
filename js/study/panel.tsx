/** The explanation laid open, under its card. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { canStudy, failedStudy, type Host, type Scene, type Study, verbs } from "../contract";
import type { Desk } from "../desk";
import { Button } from "../parts/button";
import { Missed } from "./missed";
import { Moves } from "./moves";
import { Near } from "./near";
import { Widths } from "./widths";

interface Props {
  readonly desk: Desk;
  /** What its features are. */
  readonly parts: string;
}

/** Asks once for each reading, when it is open. */
export function Panel({ desk: { host, scene, reading }, parts }: Props) {
  const open = useSignal(false);
  const { study, status, readings } = host.state;
  const laid = "moves" in study.value ? (study.value as Study) : null;
  const asks = host.send !== null && canStudy(status.value);
  const idle = status.value.phase === "idle";
  const first = readings.value[0];
  const here = reading.value.target === first?.target;
  const wanted = open.value && asks && idle && !laid;
  const ask = () => host.send?.(verbs.study());
  useEffect(() => {
    if (wanted) ask();
  }, [wanted, readings.value]);
  if (!laid && !asks) return null;
  return (
    <details
      class="rt-study"
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open;
      }}
    >
      <summary>
        Laid open <span class="rt-soft">how this explanation came about</span>
      </summary>
      {open.value && laid && here && <Laid study={laid} scene={scene} parts={parts} />}
      {open.value && laid && !here && (
        <p class="rt-soft">Only the reasons for {scene.classes[first?.target ?? 0]} are laid open.</p>
      )}
      {open.value && !laid && <Coming host={host} onAsk={ask} />}
    </details>
  );
}

function Coming({ host, onAsk }: { host: Host; onAsk: () => void }) {
  const status = host.state.status.value;
  const failed = failedStudy(status);
  if (failed)
    return (
      <p role="alert">
        <b>This could not be laid open.</b> {failed.message} <Button onClick={onAsk}>Try again</Button>
      </p>
    );
  return (
    <p class="rt-soft" role="status">
      {status.phase === "idle" ? "Laying it open…" : "Once the samples are here."}
    </p>
  );
}

const Lines = ({ name, lines }: { name: string; lines: readonly string[] }) =>
  lines.length > 0 && (
    <div class="rt-lines">
      <b>{name}</b>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );

const Laid = ({ study, scene, parts }: { study: Study; scene: Scene; parts: string }) => (
  <>
    <Lines name="What would make it better" lines={study.advice} />
    <div class="rt-laid">
      <Moves moves={study.moves} names={scene.features} />
      {study.widths && <Widths widths={study.widths} />}
      <Missed residuals={study.residuals} parts={parts} />
      <Near near={study.near} scene={scene} />
    </div>
    <Lines name="The formula in numbers" lines={study.formula} />
  </>
);
