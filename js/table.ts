/** The entry of the widget for rows of a table. */
import { widgetOf } from "./notebook";
import { table } from "./views/table";

export default widgetOf({ table });
