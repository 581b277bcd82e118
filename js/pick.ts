/** The entry of the widget for a pick of texts, and of what has no view of its own. */
import { widgetOfPanels } from "./notebook";
import { PickPanel } from "./pick/panel";
import { parts } from "./views/parts";
import { text } from "./views/text";

export default widgetOfPanels({ bodies: { pick: PickPanel }, views: { text, parts } });
