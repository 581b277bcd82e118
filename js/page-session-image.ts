/** The entry of a session's page on pictures that stands alone. */
import { openPanels } from "./saved";
import { SessionPanel } from "./session/panel";
import { complete, DOING } from "./sessions";
import { image } from "./views/image";

openPanels({ bodies: { session: SessionPanel }, views: { image }, doing: DOING }, complete);
