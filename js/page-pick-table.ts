/** The entry of a page with a pick of rows of a table that stands alone. */
import { PickPanel } from "./pick/panel";
import { openPanels } from "./saved";
import { table } from "./views/table";

openPanels({ bodies: { pick: PickPanel }, views: { table } });
