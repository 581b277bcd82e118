/** What a surrogate has beside weights: a tree, or pairs of features. */
import type { Pairs, Weight } from "../contract";
import type { Desk } from "../desk";
import { Bar } from "../parts/bars";
import { reach } from "../surrogate";
import { Branches } from "./tree";

export function Beyond({ desk }: { desk: Desk }) {
  const { tree, pairs } = desk.reading.value;
  return (
    <>
      {tree && <Branches desk={desk} tree={tree} />}
      {pairs && pairs.pairs.length > 0 && <Together desk={desk} {...pairs} />}
    </>
  );
}

function Together({ desk: { scene, reading, shown, digits }, pairs }: Pairs & { desk: Desk }) {
  const weights = pairs.map(([a, , weight, error]): Weight => [a, weight, error]);
  const end = reach([...shown.value.values(), ...weights]);
  const nameOf = (id: number) => scene.features[id]?.name ?? "";
  return (
    <section class="rt-beyond" aria-label="pairs">
      <b>Pairs</b> <span class="rt-soft">what two do together, beside what each does apart</span>
      <ul class="rt-rows">
        {pairs.map(([a, b], i) => (
          <li key={`${a}-${b}`} class="rt-row">
            <span />
            <span class="rt-name">
              {nameOf(a)} × {nameOf(b)}
            </span>
            <Bar
              weight={weights[i] as Weight}
              digits={digits.value}
              target={reading.value.target}
              {...{ scene, end }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
