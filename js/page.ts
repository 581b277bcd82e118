/** The entry of a text's page that stands alone. */
import { open } from "./saved";
import { parts } from "./views/parts";
import { text } from "./views/text";

open({ text, parts });
