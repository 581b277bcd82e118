/** The entry of a picture's page that stands alone. */
import { open } from "./saved";
import { image } from "./views/image";

open({ image });
