/** What is seen of the matrix: how far it is scrolled, what is pointed at, and what the keys do. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { runsCell } from "../keys";
import { max } from "../maths";
import {
  type Cell,
  cellAt,
  columnsSeen,
  follow,
  moved,
  type Plan,
  rowsSeen,
  type Shape,
  type Window,
  weightAt,
} from "./cells";
import { picturesOf } from "./pictures";
import { cell, titleOf } from "./say";
import type { PickDesk } from "./store";

export const CELL = 18;
const WIDE: Plan = { cell: CELL, titles: 210, names: 96 };
const NARROW: Plan = { ...WIDE, titles: 116 };
/** Windows narrower than this have shorter titles. */
const NARROWEST = 560;
const ROOM = 2;

export class Sight {
  readonly window = signal<Window>({ left: 0, top: 0, width: 0, height: 0 });
  /** Under the pointer; −1 for a title or a name. */
  readonly over = signal<Cell | null>(null);
  readonly cursor = signal<Cell>({ row: 0, column: 0 });
  readonly focused = signal(false);
  /** Counts changes of the theme. */
  readonly theme = signal(0);
  /** What features look like, once it has been read. */
  readonly pictures = signal<ReadonlyMap<number, CanvasImageSource>>(new Map());
  readonly plan = computed((): Plan => {
    const plan = this.window.value.width < NARROWEST ? NARROW : WIDE;
    return this.pictures.value.size ? { ...plan, names: plan.names + plan.cell } : plan;
  });
  readonly shape = computed(
    (): Shape => ({ rows: this.desk.rows.value.length, columns: this.desk.shown.value.length }),
  );
  /** The place of each feature among the columns, or −1. */
  readonly places: ReadonlySignal<Int32Array>;
  /** What the cell under the pointer, else that under the cursor, says. */
  readonly told = computed(() => {
    const at = this.over.value ?? (this.focused.value ? this.cursor.value : null);
    return at && this.#tell(at);
  });
  readonly spoken = computed(() => (this.focused.value ? this.#tell(this.cursor.value) : ""));
  #scroller: HTMLElement | null = null;

  constructor(readonly desk: PickDesk) {
    void picturesOf(desk.scene.features).then((pictures) => {
      this.pictures.value = pictures;
    });
    this.places = computed(() => {
      const places = new Int32Array(desk.scene.features.length).fill(-1);
      desk.shown.value.forEach((feature, place) => {
        places[feature] = place;
      });
      return places;
    });
  }

  /** The size of all there is, in pixels. */
  readonly size = computed(() => {
    const { cell, titles, names } = this.plan.value;
    const { rows, columns } = this.shape.value;
    return { width: titles + columns * cell + ROOM, height: names + rows * cell + ROOM };
  });

  rowAt = ({ row }: Cell) => this.desk.rows.value[row];
  featureAt = ({ column }: Cell) => this.desk.shown.value[column];

  #tell(at: Cell): string {
    const { scene, table } = this.desk;
    const [row, feature] = [this.rowAt(at), this.featureAt(at)];
    if (row === undefined) return feature === undefined ? "" : (table.names[feature] as string);
    if (feature === undefined) return titleOf(scene, row);
    return cell(scene, row, feature, weightAt(table.lines, row, feature), table.digits);
  }

  /** Look through a scroller until the end that is returned. */
  through(scroller: HTMLElement): () => void {
    this.#scroller = scroller;
    const look = () => this.look();
    const watch = new ResizeObserver(look);
    watch.observe(scroller);
    const theme = new MutationObserver(() => {
      this.theme.value += 1;
    });
    const root = scroller.closest(".rt");
    if (root) theme.observe(root, { attributes: true });
    const seek = effect(() => {
      const place = this.places.value[this.desk.sought.value] ?? -1;
      if (place >= 0) this.#show({ row: this.#rowSeen(), column: place });
    });
    look();
    return () => {
      watch.disconnect();
      theme.disconnect();
      seek();
    };
  }

  #rowSeen(): number {
    return rowsSeen(this.window.peek(), this.plan.peek(), this.shape.peek().rows)[0];
  }

  look(): void {
    const box = this.#scroller;
    if (!box) return;
    this.window.value = {
      left: box.scrollLeft,
      top: box.scrollTop,
      width: box.clientWidth,
      height: box.clientHeight,
    };
  }

  #show(cell: Cell): void {
    const { left, top } = follow(cell, this.window.peek(), this.plan.peek());
    if (!this.#scroller) return;
    Object.assign(this.#scroller, { scrollLeft: left, scrollTop: top });
    this.look();
  }

  point(event: PointerEvent | MouseEvent): Cell | null {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return cellAt(x, y, this.window.peek(), this.plan.peek(), this.shape.peek());
  }

  hover(at: Cell | null): void {
    this.over.value = at;
    this.desk.hover.value = (at && this.featureAt(at)) ?? -1;
  }

  /** A name is sought, anything else opens its row. */
  press(at: Cell | null): void {
    if (!at) return;
    const [row, feature] = [this.rowAt(at), this.featureAt(at)];
    if (row !== undefined) this.desk.host.open(row);
    else if (feature !== undefined) this.desk.seek(feature);
    this.cursor.value = { row: max(at.row, 0), column: max(at.column, 0) };
  }

  keys(event: KeyboardEvent): void {
    if (runsCell(event)) return;
    const at = this.cursor.peek();
    const seen = rowsSeen(this.window.peek(), this.plan.peek(), this.shape.peek().rows);
    const to = moved(at, event.key, max(seen[1] - seen[0] - 2, 1), this.shape.peek());
    if (to) {
      this.cursor.value = to;
      this.over.value = null;
      this.#show(to);
    } else if (event.key === "Enter") this.press(at);
    else if (event.key === " ") this.press({ ...at, row: -1 });
    else return;
    event.preventDefault();
  }

  /** The rows and columns that are seen. */
  readonly spans = computed(() => ({
    down: rowsSeen(this.window.value, this.plan.value, this.shape.value.rows),
    across: columnsSeen(this.window.value, this.plan.value, this.shape.value.columns),
  }));
}
