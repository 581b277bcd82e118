/** The card around every view: verdict, body by kind, trial, failure. */
import { useSignal } from "@preact/signals";
import { type ComponentChild, render } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { type Host, parse, type Reading, type Scene } from "./contract";
import { Desk } from "./desk";
import { runsCell } from "./keys";
import type { PanelHost } from "./panelhost";
import { Details, Doubt, Facts } from "./parts/facts";
import { Failure, Undrawable } from "./parts/failure";
import { Foot } from "./parts/foot";
import { MarkForm } from "./parts/marks";
import { Progress } from "./parts/progress";
import { Aim, Verdict } from "./parts/verdict";
import { Beyond } from "./study/beyond";
import { Panel } from "./study/panel";
import { followTheme } from "./theme";
import { type Views, viewOf } from "./view";

/** Draw into an element until its life ends, in the host's theme. */
export function put(element: HTMLElement, what: ComponentChild, life: AbortSignal): void {
  const root = element.ownerDocument.createElement("div");
  root.className = "rt";
  element.append(root);
  followTheme(root, life);
  render(what, root);
  life.addEventListener("abort", () => {
    render(null, root);
    root.remove();
  });
}

/** A host as it is drawn. */
export type Draw = (host: Host) => ComponentChild;

export const cardOf =
  (views: Views): Draw =>
  (host) => <Card host={host} views={views} />;

interface Given {
  readonly host: Host;
  readonly views: Views;
}

/** What is open in a panel, without a frame of its own; nothing where nothing is open. */
export function Instance({ host: { inner: host, views } }: { host: PanelHost }) {
  const scene = tried(() => parse(host.state.scene.value, Object.keys(views)));
  const first = host.state.readings.value[0];
  if (scene instanceof Error) return <Undrawable message={scene.message} />;
  if (!scene || !first) return null;
  return (
    <div class="rt-instance">
      <Open host={host} views={views} scene={scene} first={first} />
    </div>
  );
}

function Card({ host, views }: Given) {
  const scene = tried(() => parse(host.state.scene.value, Object.keys(views)));
  const first = host.state.readings.value[0];
  if (scene instanceof Error)
    return (
      <div class="rt-card">
        <Undrawable message={scene.message} />
      </div>
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keeps keys from the notebook, does nothing else
    <div class="rt-card" onKeyDown={keepKeys}>
      {scene && first ? (
        <Open host={host} views={views} scene={scene} first={first} study={{ Beyond, Panel }} />
      ) : (
        <Waiting host={host} />
      )}
      <Failure host={host} />
    </div>
  );
}

export function tried<T>(action: () => T): T | Error {
  try {
    return action();
  } catch (error) {
    return error as Error;
  }
}

interface Opened extends Given {
  readonly scene: Scene;
  readonly first: Reading;
  /** Whether more is drawn than its weights: in a card of its own. */
  readonly study?: { Beyond: typeof Beyond; Panel: typeof Panel };
}

function Open({ host, views, scene, first, study }: Opened) {
  const view = viewOf(views, scene);
  const desk = useMemo(() => new Desk(host, scene, first), [host, scene]);
  const more = useSignal(false);
  useEffect(() => () => desk.close(), [desk]);
  if (!view) return null;
  return (
    <>
      <div class="rt-head">
        <Verdict desk={desk} />
        <Aim desk={desk} />
        <Facts desk={desk} open={more}>
          <Progress host={host} />
        </Facts>
        {more.value && <Details desk={desk} view={view} />}
      </div>
      <Doubt desk={desk} />
      <view.Body desk={desk} scene={scene} />
      {study && <study.Beyond desk={desk} />}
      <Foot desk={desk} view={view} />
      <MarkForm desk={desk} />
      {study && <study.Panel desk={desk} parts={view.parts} />}
    </>
  );
}

export function Waiting({ host }: { host: Host }) {
  const over = host.state.status.value.phase === "idle";
  return (
    <>
      <div class="rt-head">
        <span class="rt-soft">
          {over ? "no answer came, so there is nothing to show" : "waiting for the first answer"}
        </span>
        <Progress host={host} />
      </div>
      {!over && (
        <div class="rt-skeleton" aria-hidden>
          {[62, 88, 74, 40].map((width) => (
            <i key={width} style={`width:${width}%`} />
          ))}
        </div>
      )}
    </>
  );
}

const KEYS = /^(Enter|.|Escape|Home|End|F2|Arrow.+)$/;

/** Notebooks take keys for commands, single letters too: what is pressed here stays here, but for what runs a cell. */
export function keepKeys(event: KeyboardEvent): void {
  const typing = (event.target as Element).matches("input, select");
  const ours = KEYS.test(event.key) && !event.ctrlKey && !event.metaKey && !runsCell(event);
  if (typing || ours || event.defaultPrevented) event.stopPropagation();
}
