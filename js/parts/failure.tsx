/** An error beside what still runs; it never vanishes by itself. One of the study is told there. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { attempt, failedStudy, type Host } from "../contract";
import { Button } from "./button";

interface FailureProps {
  readonly host: Host;
  /** What else could have been done. */
  readonly doing?: Readonly<Record<string, string>> | undefined;
}

export function Failure({ host, doing }: FailureProps) {
  const dismissed = useSignal("");
  const status = host.state.status.value;
  const { error } = status;
  const key = JSON.stringify(error);
  if (!error || failedStudy(status) || key === dismissed.value) return null;
  return (
    <Panel title={attempt(error.verb, doing)} message={error.message}>
      <Button
        class="rt-close"
        aria-label="dismiss"
        onClick={() => {
          dismissed.value = key;
        }}
      >
        ×
      </Button>
    </Panel>
  );
}

/** In place of a scene that this page cannot draw. */
export const Undrawable = ({ message }: { message: string }) => (
  <Panel title="This cannot be drawn" message={message} />
);

interface Props {
  readonly title: string;
  readonly message: string;
  readonly children?: ComponentChildren;
}

const Panel = ({ title, message, children }: Props) => (
  <div class="rt-failure" role="alert">
    <p>
      <b>{title}.</b> <span class="rt-failure-message">{message}</span>
    </p>
    {children}
  </div>
);
