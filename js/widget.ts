/** The entry of the widget for texts, and for what has no view of its own. */
import { widgetOf } from "./notebook";
import { parts } from "./views/parts";
import { text } from "./views/text";

export default widgetOf({ text, parts });
