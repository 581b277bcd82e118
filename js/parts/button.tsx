/** A real button, dressed unless it brings a class of its own. */
import type { ComponentProps } from "preact";

export const Button = ({ class: dress = "rt-button", ...rest }: ComponentProps<"button">) => (
  <button type="button" class={dress} {...rest} />
);
