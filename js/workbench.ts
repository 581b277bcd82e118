/** A notebook's model without a notebook: for the demo and the tests. */
import type { Look, Traits, Verb } from "./contract";

export type Sent = Verb & { readonly id: number };
type Listener = (...nothing: never[]) => void;
type State = { [K in keyof Traits]: unknown };

export class Workbench {
  /** How often a view has greeted the kernel; the rest of what it says is in `sent`. */
  greetings = 0;
  readonly sent: Sent[] = [];
  readonly buffers: ArrayBuffer[][] = [];
  readonly kept: Look[] = [];
  private readonly heard = new Map<string, Set<Listener>>();
  private readonly state: Partial<State>;

  /** `answer` is the kernel: it is told every verb. */
  constructor(
    state: Partial<State>,
    private readonly answer: (verb: Sent, bench: Workbench) => void = () => {},
  ) {
    this.state = { ...state };
  }

  get<K extends keyof Traits>(name: K): Traits[K] {
    return this.state[name] as Traits[K];
  }

  set<K extends keyof Traits>(name: K, value: Traits[K]): void {
    this.state[name] = value;
    for (const tell of this.heard.get(`change:${name}`) ?? []) tell();
  }

  on(event: string, tell: Listener): void {
    this.heard.set(event, (this.heard.get(event) ?? new Set()).add(tell));
  }

  off(event?: string | null, tell?: Listener | null): void {
    if (event && tell) this.heard.get(event)?.delete(tell);
  }

  save_changes(): void {
    this.kept.push(this.get("look"));
  }

  send(verb: Sent, _callbacks?: unknown, buffers: ArrayBuffer[] = []): void {
    if (verb.verb === "hello") {
      this.greetings += 1;
      return;
    }
    this.sent.push(verb);
    this.buffers.push(buffers);
    this.answer(verb, this);
  }

  /** How many are listening; none after a view's end. */
  get listeners(): number {
    return [...this.heard.values()].reduce((sum, set) => sum + set.size, 0);
  }
}
