/** The entry of the widget for models side by side. */
import { widgetOfPanels } from "./notebook";
import { PairPanel } from "./pair/panel";
import { image } from "./views/image";
import { parts } from "./views/parts";
import { table } from "./views/table";
import { text } from "./views/text";

export default widgetOfPanels({ bodies: { pair: PairPanel }, views: { text, parts, image, table } });
