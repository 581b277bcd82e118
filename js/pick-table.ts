/** The entry of the widget for a pick of rows of a table. */
import { widgetOfPanels } from "./notebook";
import { PickPanel } from "./pick/panel";
import { table } from "./views/table";

export default widgetOfPanels({ bodies: { pick: PickPanel }, views: { table } });
