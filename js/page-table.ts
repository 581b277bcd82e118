/** The entry of a row's page that stands alone. */
import { open } from "./saved";
import { table } from "./views/table";

open({ table });
