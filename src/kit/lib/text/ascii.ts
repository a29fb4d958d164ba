/** Lowercases ASCII letters only, as SQLite's `lower` does, so that a search finds what it compares. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
