/** The entry of the widget for pictures. */
import { widgetOf } from "./notebook";
import { choosing } from "./views/choosing";

export default widgetOf({ image: choosing });
