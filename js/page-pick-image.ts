/** The entry of a page with a pick of pictures that stands alone. */
import { PickPanel } from "./pick/panel";
import { openPanels } from "./saved";
import { image } from "./views/image";

openPanels({ bodies: { pick: PickPanel }, views: { image } });
