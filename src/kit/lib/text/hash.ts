/**
 * FNV-1a with 32 bits over UTF-16 code units (https://www.rfc-editor.org/rfc/rfc9923), and two rounds that spread each
 * bit over the whole number. It is not cryptographic.
 */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
