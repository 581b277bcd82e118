/** The reader's trial, and what each model and its surrogate say to it. */
import { Answers, answerSaid, Chips, trialSaid } from "../parts/foot";
import type { View } from "../view";
import type { Opened } from "./opened";

interface Props {
  readonly opened: Opened;
  readonly view: View;
}

export function Foot({ opened, view }: Props) {
  const { desk, seated, pair } = opened;
  return (
    <div class="rt-foot">
      {desk.trial.idle.value ? (
        <span class="rt-invitation">{view.invitation}</span>
      ) : (
        <Chips desk={desk} view={view} />
      )}
      <div class="rt-pair-says">
        {seated.value.map((speaker, place) => (
          <div key={pair.seats.value[place]} class="rt-pair-say">
            <span class="rt-pair-name" title={pair.names.value[place]}>
              {pair.names.value[place]}
            </span>
            <Answers desk={speaker} view={view} />
          </div>
        ))}
      </div>
      <p class="rt-unseen" role="status">
        {desk.trial.idle.value ? "" : spoken(opened)}
      </p>
    </div>
  );
}

/** The same, for those who listen. */
function spoken({ desk, seated, pair }: Opened): string {
  const says = seated.value.map((speaker, place) => `${pair.names.value[place]}: ${answerSaid(speaker)}`);
  return `${trialSaid(desk)}: ${says.join("; ")}`;
}
