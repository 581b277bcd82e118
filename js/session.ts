/** The entry of the widget for a session on texts, and on what has no view of its own. */
import { widgetOfPanels } from "./notebook";
import { SessionPanel } from "./session/panel";
import { complete, DOING } from "./sessions";
import { parts } from "./views/parts";
import { text } from "./views/text";

export default widgetOfPanels(
  { bodies: { session: SessionPanel }, views: { text, parts }, doing: DOING },
  complete,
);
