/** The entry of a session's page on texts that stands alone. */
import { openPanels } from "./saved";
import { SessionPanel } from "./session/panel";
import { complete, DOING } from "./sessions";
import { parts } from "./views/parts";
import { text } from "./views/text";

openPanels({ bodies: { session: SessionPanel }, views: { text, parts }, doing: DOING }, complete);
