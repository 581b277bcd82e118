/** The entry of the widget for a pick of pictures. */
import { widgetOfPanels } from "./notebook";
import { PickPanel } from "./pick/panel";
import { image } from "./views/image";

export default widgetOfPanels({ bodies: { pick: PickPanel }, views: { image } });
