/** The entry of the widget for a session on rows of a table. */
import { widgetOfPanels } from "./notebook";
import { SessionPanel } from "./session/panel";
import { complete, DOING } from "./sessions";
import { table } from "./views/table";

export default widgetOfPanels(
  { bodies: { session: SessionPanel }, views: { table }, doing: DOING },
  complete,
);
