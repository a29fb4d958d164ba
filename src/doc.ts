/*
 * Texts that only the API document contains. The Worker contains none of them: `#doc` is scripts/build/doc.mjs there (see
 * `imports` in package.json).
 */

/** Marks such a text: a summary, a description. */
export function doc(text: string): string {
  return text
}

/** @returns what the method `openapi` of a schema takes */
export function described(description: string): { description: string } {
  return { description }
}
