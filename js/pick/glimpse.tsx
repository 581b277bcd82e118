/** An instance small: the piece of a text with its strongest words, a picture, or just weights. */
import { strength } from "../colour";
import type { Glance } from "../panels";
import { weightAt } from "./cells";
import { webp } from "./pictures";
import { titleOf } from "./say";
import type { PickDesk } from "./store";

interface Props {
  readonly desk: PickDesk;
  readonly row: number;
  readonly glance: Glance;
}

/** What a card shows of an instance. */
export function Glimpse({ desk, row, glance }: Props) {
  const { scene, table } = desk;
  if ("picture" in glance)
    return <img class="rt-glance-picture" src={webp(glance.picture)} alt={titleOf(scene, row)} />;
  if ("weights" in glance)
    return (
      <span class="rt-glance">
        {glance.weights.slice(0, 4).map(([column, weight], i) => (
          <span key={column}>
            {i > 0 && " "}
            <Piece text={scene.features[column]?.name ?? ""} weight={weight} most={table.most} />
          </span>
        ))}
      </span>
    );
  return (
    <span class="rt-glance" dir="auto">
      {glance.pieces.map(([text, column], i) => {
        const weight = column < 0 ? 0 : weightAt(table.lines, row, column);
        return <Piece key={i} text={text} weight={weight} most={table.most} />;
      })}
    </span>
  );
}

function Piece({ text, weight, most }: { text: string; weight: number; most: number }) {
  if (!weight) return <>{text}</>;
  const side = weight < 0 ? "rt-against" : "rt-for";
  return (
    <mark class={`rt-piece ${side}`} style={`--rt-a:${strength(weight, most)}`}>
      {text}
    </mark>
  );
}
