/** An error beside what still runs; it never vanishes by itself. */
import { useSignal } from "@preact/signals";
import { attempt, type Host } from "../contract";
import { Button } from "./button";

export function Failure({ host }: { host: Host }) {
  const dismissed = useSignal("");
  const { error } = host.state.status.value;
  const key = JSON.stringify(error);
  if (!error || key === dismissed.value) return null;
  return (
    <div class="rt-failure" role="alert">
      <p>
        <b>{attempt(error.verb)}.</b> <span class="rt-failure-message">{error.message}</span>
      </p>
      <Button
        class="rt-close"
        aria-label="dismiss"
        onClick={() => {
          dismissed.value = key;
        }}
      >
        ×
      </Button>
    </div>
  );
}

/** In place of a scene that this page cannot draw. */
export const Undrawable = ({ message }: { message: string }) => (
  <div class="rt-failure" role="alert">
    <p>
      <b>This cannot be drawn.</b> <span class="rt-failure-message">{message}</span>
    </p>
  </div>
);
