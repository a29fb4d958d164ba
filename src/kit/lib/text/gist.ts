import { catching } from '../result'
import { shorten } from './shorten'

/* What a response says, in one line: programs wrap their words in JSON or HTML. */

/** In code points. */
const GIST_MAX = 120
/** Where programs put the words of an error, the most telling first. */
const FIELDS = ['message', 'error_description', 'detail', 'error', 'title', 'reason']

/** A line that says no more than the status. Programs often write it above what is wrong. */
const EMPTY_WORDS = /^(\d{3} )?(internal server )?error\W?$/i

/** @param body the beginning of a response. @returns its words on one line, or null if it has none */
export function gistOf(body: string): string | null {
  const text = inJson(body) ?? inHtml(body) ?? body
  const lines = text.split(/[\r\n]/).flatMap((one) => one.trim() || [])
  const [line = lines[0]] = lines.filter((one) => !EMPTY_WORDS.test(one))
  return line === undefined ? null : shorten(line, GIST_MAX)
}

/** The body may be cut, so it is not parsed as a whole. */
function inJson(body: string): string | null {
  if (!/^\s*[[{]/.test(body)) return null
  for (const field of FIELDS) {
    const text = new RegExp(`"${field}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)+")`).exec(body)?.[1]
    if (text !== undefined) return catching(SyntaxError, () => JSON.parse(text)) ?? text
  }
  return null
}

function inHtml(body: string): string | null {
  if (!/^\s*</.test(body)) return null
  const told = /<(title|h1)[^>]*>([^<]+)/i.exec(body)?.[2]
  return told ?? body.replace(/<[^>]*>?/g, ' ')
}
