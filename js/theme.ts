/** Follow the host's theme while it lives. */
import { bearsInk, opaque } from "./colour";

const PREFERS_DARK = "(prefers-color-scheme: dark)";

/** JupyterLab, VS Code and marimo say it on the body; elsewhere the reader's system does. */
export function isDark({ body, documentElement, defaultView }: Document): boolean {
  const lab = body.dataset.jpThemeLight;
  if (lab !== undefined) return lab === "false";
  const says = (...names: string[]) =>
    names.some((name) => body.classList.contains(name) || documentElement.classList.contains(name));
  if (says("vscode-dark", "vscode-high-contrast", "dark")) return true;
  if (says("vscode-light", "vscode-high-contrast-light", "light")) return false;
  return defaultView?.matchMedia(PREFERS_DARK).matches ?? false;
}

/** The first opaque background under an element, through shadow roots. */
function ground(root: HTMLElement): string | null {
  for (
    let node: Node | null = root.parentNode;
    node;
    node = node.parentNode ?? (node as ShadowRoot).host ?? null
  ) {
    if (!(node instanceof Element)) continue;
    const colour = getComputedStyle(node).backgroundColor;
    if (opaque(colour)) return colour;
  }
  return null;
}

/** Wear the host's theme, and its background where our inks are readable on it. */
function wear(root: HTMLElement): void {
  const dark = isDark(root.ownerDocument);
  const colour = ground(root);
  const rgb = colour && opaque(colour);
  root.classList.toggle("rt-dark", dark);
  root.style.setProperty("--rt-ground", rgb && bearsInk(rgb, dark) ? colour : "");
}

/** Hosts set the flag first and bring the style sheet later. */
const LATER = 400;

export function followTheme(root: HTMLElement, life: AbortSignal): void {
  const { body, documentElement, defaultView } = root.ownerDocument;
  let later: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    wear(root);
    clearTimeout(later);
    later = setTimeout(() => wear(root), LATER);
  };
  const watch = new MutationObserver(changed);
  for (const element of [body, documentElement]) watch.observe(element, { attributes: true });
  defaultView?.matchMedia(PREFERS_DARK).addEventListener("change", changed, { signal: life });
  life.addEventListener("abort", () => {
    watch.disconnect();
    clearTimeout(later);
  });
  changed();
}
