/** Arrows move among the buttons of a list: up and down among its rows, left and right within one. */
export function walk(event: KeyboardEvent, perRow = 1): void {
  const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll("button")];
  const here = buttons.indexOf(event.target as HTMLButtonElement);
  const moves: Record<string, number> = {
    ArrowDown: here + perRow,
    ArrowUp: here - perRow,
    ...(perRow > 1 && { ArrowRight: here + 1, ArrowLeft: here - 1 }),
    Home: 0,
    End: buttons.length - 1,
  };
  const next = moves[event.key];
  if (next === undefined) return;
  buttons[next]?.focus();
  event.preventDefault();
}
