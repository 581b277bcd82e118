/** Arithmetic under short names: what is said often should not weigh much in the bundle. */
export const { abs, ceil, floor, hypot, max, min, round } = Math;
