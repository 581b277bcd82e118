/** The entry of a session's page on rows of a table that stands alone. */
import { openPanels } from "./saved";
import { SessionPanel } from "./session/panel";
import { complete, DOING } from "./sessions";
import { table } from "./views/table";

openPanels({ bodies: { session: SessionPanel }, views: { table }, doing: DOING }, complete);
