/** The neighbourhood: what was asked, from near to far. */
import type { Scene, Study } from "../contract";
import { output } from "../format";
import { Figure } from "./figure";

const FEW = 3;

/** "without a, b, c +4" */
function absent(scene: Scene, off: readonly number[]): string {
  if (off.length === 0) return "nothing";
  const names = off.slice(0, FEW).map((id) => scene.features[id]?.name ?? "");
  return names.join(", ") + (off.length > FEW ? ` +${off.length - FEW}` : "");
}

export const Near = ({ near, scene }: { near: Study["near"]; scene: Scene }) => (
  <Figure
    name="The neighbourhood"
    shows="Some of what the model was asked, from near to far: the surrogate is fitted to the model's answers, and those with more weight count more."
  >
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
    <section class="rt-near" aria-label="the neighbourhood" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">absent</th>
            <th scope="col">model</th>
            <th scope="col">surrogate</th>
            <th scope="col">weight</th>
          </tr>
        </thead>
        <tbody>
          {near.map(({ off, model, surrogate, weight }) => (
            <tr key={off.join()}>
              <td>{absent(scene, off)}</td>
              <td>{output(model, scene.scale)}</td>
              <td>{output(surrogate, scene.scale)}</td>
              <td>
                {output(weight, "probability")}{" "}
                <span class="rt-weight">
                  <i style={`width:${100 * weight}%`} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  </Figure>
);
