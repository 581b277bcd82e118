/** Work under way, and the way to stop it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Host, verbs } from "../contract";
import { count } from "../format";
import { useLate } from "../late";
import { Button } from "./button";

const ACKNOWLEDGED = 1000;

export function Progress({ host }: { host: Host }) {
  const { phase } = host.state.status.value;
  return phase === "idle" ? null : <Running host={host} />;
}

function Running({ host }: { host: Host }) {
  const { phase, done, of, message } = host.state.status.value;
  const stopping = useSignal(false);
  const late = useLate(stopping.value, ACKNOWLEDGED);
  const stop = () => {
    stopping.value = true;
    host.send?.(verbs.stop());
  };
  // A kernel that has just met this page may lose its first message: say it again until it is heard.
  const unheard = stopping.value && message !== "stopping";
  useEffect(() => {
    if (!unheard) return;
    const again = setInterval(stop, ACKNOWLEDGED);
    return () => clearInterval(again);
  }, [unheard]);
  return (
    <div class="rt-progress">
      <span>
        {message || phase}{" "}
        {of > 0 && (
          <b>
            {count(done)} of {count(of)}
          </b>
        )}
      </span>
      {host.send && (
        <Button aria-disabled={stopping.value} onClick={stop}>
          {stopping.value ? "Stopping" : "Stop"}
        </Button>
      )}
      {late && (
        <span class="rt-hint" role="status">
          a running cell stops with Kernel → Interrupt
        </span>
      )}
      <div
        class="rt-progress-track"
        role="progressbar"
        aria-label={phase}
        aria-valuemin={0}
        aria-valuemax={of}
        aria-valuenow={done}
      >
        <i style={`width:${of > 0 ? (100 * done) / of : 0}%`} />
      </div>
    </div>
  );
}
