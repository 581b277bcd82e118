/** Bytes as they come: in a view of some larger buffer, or as base64 in a saved state. */
export type Bytes = Uint8Array<ArrayBuffer>;

export function bytesOf(given: unknown): Bytes {
  if (typeof given === "string") return Uint8Array.from(atob(given), (letter) => letter.charCodeAt(0));
  if (given instanceof ArrayBuffer) return new Uint8Array(given.slice(0));
  if (!ArrayBuffer.isView(given)) return new Uint8Array(0);
  return Uint8Array.from(new Uint8Array(given.buffer, given.byteOffset, given.byteLength));
}
