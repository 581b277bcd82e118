/** A picture with its name and a plain sentence on what it shows. */
import type { ComponentChildren } from "preact";

interface Props {
  readonly name: string;
  readonly shows: string;
  readonly children: ComponentChildren;
}

export const Figure = ({ name, shows, children }: Props) => (
  <figure class="rt-figure">
    <figcaption>
      <b>{name}</b> <span class="rt-soft">{shows}</span>
    </figcaption>
    {children}
  </figure>
);
