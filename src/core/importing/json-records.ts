import type { Cutter, Piece, Window } from './records'

/*
 * Cuts objects out of JSON of any size: those in an array, whose kind is the name of the array, and those that are in
 * nothing. Only such an object is parsed later. A position inside the rest of the file is remembered as a list of the
 * open brackets.
 */

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY] = [0x7b, 0x7d, 0x5b, 0x5d]
const MAX_DEPTH = 8
const MAX_KEY = 60

/** @param takesRoots whether an object that is in no array is a record, too */
export function cutJson(takesRoots: boolean): Cutter {
  return (window) => {
    window.state.stack ??= []
    const { stack } = window.state
    for (; window.at < window.text.length; ) {
      const code = window.text.charCodeAt(window.at)
      if (code === OPEN_OBJECT && isRecord(stack, takesRoots)) return takeObject(window, stack)
      if (code === QUOTE) {
        const end = endOfString(window.text, window.at)
        if (end < 0) return null
        window.state.key = window.text.slice(window.at + 1, Math.min(end, window.at + MAX_KEY))
        window.at = end
      } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
        if (stack.length >= MAX_DEPTH) return null
        stack.push(window.text.charAt(window.at) + (window.state.key ?? ''))
        window.state.key = ''
      } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
        stack.pop()
        window.state.key = ''
      }
      window.at += 1
    }
    return null
  }
}

function isRecord(stack: string[], takesRoots: boolean): boolean {
  return stack.at(-1)?.startsWith('[') ?? takesRoots
}

function takeObject(window: Window, stack: string[]): Piece | null {
  const start = window.at
  const end = endOfObject(window.text, start)
  if (end < 0) return null
  window.at = end
  return { kind: stack.at(-1)?.slice(1) ?? '', start, end }
}

/** @returns the position of the closing quote, or -1 */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at += 1
    else if (code === QUOTE) return at
  }
  return -1
}

/** @returns the position after the closing bracket, or -1 */
function endOfObject(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(text, at)
      if (at < 0) return -1
    } else if (code === OPEN_OBJECT) depth += 1
    else if (code === CLOSE_OBJECT && --depth === 0) return at + 1
  }
  return -1
}

/** Cuts lines, for files with one JSON object in each line. */
export const cutLines: Cutter = (window) => {
  skipBlank(window)
  const start = window.at
  const end = window.text.indexOf('\n', start)
  if (start >= window.text.length || (end < 0 && !window.isEnd)) return null
  window.at = end < 0 ? window.text.length : end + 1
  return { kind: '', start, end: window.at }
}

/** Passes over line breaks, so that empty lines cost next to nothing. */
export function skipBlank(window: Window): void {
  const { text } = window
  for (; text[window.at] === '\n' || text[window.at] === '\r'; ) window.at += 1
}
