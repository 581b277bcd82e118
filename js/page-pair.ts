/** The entry of a page with models side by side that stands alone. */
import { PairPanel } from "./pair/panel";
import { openPanels } from "./saved";
import { image } from "./views/image";
import { parts } from "./views/parts";
import { table } from "./views/table";
import { text } from "./views/text";

openPanels({ bodies: { pair: PairPanel }, views: { text, parts, image, table } });
