/** The entry of the widget for a session on pictures. */
import { widgetOfPanels } from "./notebook";
import { SessionPanel } from "./session/panel";
import { complete, DOING } from "./sessions";
import { image } from "./views/image";

export default widgetOfPanels(
  { bodies: { session: SessionPanel }, views: { image }, doing: DOING },
  complete,
);
