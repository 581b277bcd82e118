/** Tells elements whether they are near what is seen of their scroller. */
const MARGIN = "800px 0px";

export class Nearby {
  private observer: IntersectionObserver | undefined;
  private readonly told = new Map<Element, (near: boolean) => void>();

  /** Tell an element's nearness whenever it changes; returns the end of it. */
  watch(element: Element, scroller: Element | null, tell: (near: boolean) => void): () => void {
    this.observer ??= new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) this.told.get(target)?.(isIntersecting);
      },
      { root: scroller, rootMargin: MARGIN },
    );
    this.told.set(element, tell);
    this.observer.observe(element);
    return () => {
      this.told.delete(element);
      this.observer?.unobserve(element);
    };
  }
}
