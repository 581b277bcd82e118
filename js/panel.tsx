/** The card around a panel: many instances, one of them open. */
import type { ComponentType } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { type Draw, keepKeys, tried, Waiting } from "./card";
import type { Host } from "./contract";
import { type PanelHost, panelHostOf } from "./panelhost";
import { DOING, type PanelScene, parsePanel } from "./panels";
import { Failure, Undrawable } from "./parts/failure";
import type { Views } from "./view";

type Body<S> = ComponentType<{ readonly host: PanelHost; readonly scene: S }>;

/** The panels that an entry brings along. */
export type Bodies = { readonly [K in PanelScene["kind"]]?: Body<Extract<PanelScene, { kind: K }>> };

export interface Panels {
  readonly bodies: Bodies;
  /** How an opened instance is drawn. */
  readonly views: Views;
  /** What is done in it beside what is done in every panel, for when it fails. */
  readonly doing?: Readonly<Record<string, string>>;
}

export const panelOf =
  (panels: Panels): Draw =>
  (host) => <Panel host={host} {...panels} />;

function Panel({ host: outer, bodies, views, doing }: Panels & { host: Host }) {
  const host = useMemo(() => panelHostOf(outer, views), [outer, views]);
  useEffect(() => host.close, [host]);
  const scene = tried(() => parsePanel(host.state.scene.value, Object.keys(bodies)));
  if (scene instanceof Error)
    return (
      <div class="rt-card">
        <Undrawable message={scene.message} />
      </div>
    );
  const Body = scene && (bodies[scene.kind] as Body<PanelScene>);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keeps keys from the notebook, does nothing else
    <div class="rt-card rt-panel" onKeyDown={keepKeys}>
      {Body ? <Body host={host} scene={scene} /> : <Waiting host={host} />}
      <Failure host={host} doing={{ ...DOING, ...doing }} />
    </div>
  );
}
