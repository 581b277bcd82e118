/** The entry of a page with a pick of texts that stands alone. */
import { PickPanel } from "./pick/panel";
import { openPanels } from "./saved";
import { parts } from "./views/parts";
import { text } from "./views/text";

openPanels({ bodies: { pick: PickPanel }, views: { text, parts } });
