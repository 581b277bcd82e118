/** Beside an instance: its reasons, and what is marked. */
import { Bars } from "./parts/bars";
import { MarkList } from "./parts/marks";
import type { Beside } from "./view";

export const Side = (given: Beside) => (
  <div class="rt-side">
    <Bars {...given} />
    <MarkList desk={given.desk} />
  </div>
);
