import { signal } from "@preact/signals";

/** One question out at a time; of those that come meanwhile only the latest is asked. */
export class Queue {
  readonly busy = signal(false);
  #out: { readonly id: number; readonly about: string; readonly since: number } | null = null;
  #again = false;

  /** `ask` sends the question as it stands then, and returns its id; null when there is nothing to ask. */
  constructor(
    private readonly ask: () => { id: number; about: string } | null,
    private readonly patience = 10_000,
  ) {}

  /** Ask now, or after the answer that is awaited; a lost one costs some patience. */
  push(): void {
    this.#again = this.#out !== null && Date.now() - this.#out.since < this.patience;
    if (this.#again) return;
    const sent = this.ask();
    this.#out = sent && { ...sent, since: Date.now() };
    this.busy.value = sent !== null;
  }

  answered(about: string): void {
    if (this.#out?.about === about) this.#next();
  }

  failed(id: number | null): void {
    if (this.#out && (id === null || this.#out.id === id)) this.#next();
  }

  #next(): void {
    this.#out = null;
    this.busy.value = false;
    if (this.#again) this.push();
  }
}
