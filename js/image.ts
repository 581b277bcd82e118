/** The entry of the widget for pictures. */
import { widgetOf } from "./notebook";
import { image } from "./views/image";

export default widgetOf({ image });
