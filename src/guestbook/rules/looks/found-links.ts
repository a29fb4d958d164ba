import { parseUrl } from '../../../kit/lib/url'

/* Finds web addresses in plain text. It is conservative: what follows an address in a sentence is not part of it. */

/** Sticky, so that it looks only at one place. A quote or an angle bracket ends an address, a parenthesis its host. */
const ADDRESS = /https?:\/\/[^\s<>"`(/]+(\/[^\s<>"`]*)?/iy
const WORD_CHAR = /[\p{L}\p{N}_]$/u

interface FoundLink {
  text: string
  /** Normalized, with the scheme http or https, and without credentials. Null if it is not a valid address. */
  url: string | null
}

/** @param at an index in the text @returns the address that starts there, without punctuation at its end; or null */
export function linkAt(text: string, at: number): FoundLink | null {
  if (WORD_CHAR.test(text.slice(Math.max(at - 2, 0), at))) return null
  ADDRESS.lastIndex = at
  const found = ADDRESS.exec(text)?.[0]
  if (found === undefined) return null
  const address = withoutTail(found)
  return { text: address, url: readUrl(address) }
}

const TAIL = ".,;:!?'*_~…’”»"
const CLOSING: Record<string, string> = { ')': '(', ']': '[', '}': '{' }

function withoutTail(address: string): string {
  const open = new Map<string, number>()
  for (const char of address) open.set(char, (open.get(char) ?? 0) + 1)
  let end = address.length
  for (; end > 0; end--) {
    const char = address.charAt(end - 1)
    const opening = CLOSING[char]
    const isUnbalanced = opening !== undefined && (open.get(char) ?? 0) > (open.get(opening) ?? 0)
    if (!TAIL.includes(char) && !isUnbalanced) break
    open.set(char, (open.get(char) ?? 0) - 1)
  }
  return address.slice(0, end)
}

function readUrl(address: string): string | null {
  const url = parseUrl(address)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  return url && isWeb && url.username === '' && url.password === '' ? url.href : null
}
