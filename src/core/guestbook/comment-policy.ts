import { err, ok, type Result } from '../lib/result'
import { lengthFault, oneLine, readText, unicodeFault } from './text'

/** Lengths in code points, so that most emoji count as one character. */
export const NAME_MAX = 80
export const BODY_MAX = 4_000
export const WEBSITE_MAX = 300
/** The limit for the stored URL, where percent-encoding turns one character into up to twelve. */
const URL_MAX = 2_048
/** Entries with more links than this are held for approval. */
export const LINKS_MAX = 2

export interface CommentInput {
  name: string
  body: string
  website?: string | null | undefined
}

interface AcceptedComment {
  name: string
  body: string
  website: string | null
  status: 'published' | 'held'
  reason: string | null
}

export interface FieldError {
  path: 'name' | 'body' | 'website'
  message: string
}

/**
 * Checks a comment and cleans its fields: trimmed, in NFC, with line endings as `\n` and no two blank lines in a row.
 * @returns the cleaned comment and whether it is published or held, or an error for each invalid field
 */
export function judgeComment(input: CommentInput): Result<AcceptedComment, FieldError[]> {
  const name = checkText('name', input.name, oneLine, NAME_MAX)
  const body = checkText('body', input.body, tidyLines, BODY_MAX)
  const website = checkWebsite(input.website)
  if (name.ok && body.ok && website.ok) {
    const isHeld = countLinks(body.value) > LINKS_MAX
    return ok({
      name: name.value,
      body: body.value,
      website: website.value,
      status: isHeld ? 'held' : 'published',
      reason: isHeld ? 'links' : null,
    })
  }
  return err([name, body, website].flatMap((part) => (part.ok ? [] : [part.error])))
}

const LABELS = { name: 'Your name', body: 'Your message', website: 'The website' }

function checkText(
  path: 'name' | 'body',
  given: string,
  clean: (text: string) => string,
  max: number
): Result<string, FieldError> {
  const text = readText(given, clean, max)
  return text.ok ? text : err({ path, message: `${LABELS[path]} ${text.error}` })
}

/** The lookbehind keeps the search for spaces at the end of a line from starting again at each space. */
function tidyLines(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/(?<![ \t])[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
}

/** In `example.com:8080`, the part before the colon is a host, not a scheme. */
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:(?!\d+([/?#]|$))/i

/** Guests may leave out the scheme. The URL must use http or https, and must not contain credentials. */
function checkWebsite(input: string | null | undefined): Result<string | null, FieldError> {
  const text = input?.trim() ?? ''
  if (text === '') return ok(null)
  const fault = unicodeFault(text) ?? lengthFault(text, WEBSITE_MAX)
  if (fault) return err({ path: 'website', message: `${LABELS.website} ${fault}` })
  const url = URL.parse(HAS_SCHEME.test(text) ? text : `https://${text}`)
  if (!url || !isWebAddress(url)) {
    const message = 'Enter a website address like https://example.com, or leave the field empty.'
    return err({ path: 'website', message })
  }
  const tooLong = lengthFault(url.href, URL_MAX)
  return tooLong ? err({ path: 'website', message: `${LABELS.website} ${tooLong}` }) : ok(url.href)
}

function isWebAddress(url: URL): boolean {
  const isHttp = url.protocol === 'https:' || url.protocol === 'http:'
  const hasDot = /[^.]\.[^.]/.test(url.hostname)
  return isHttp && url.username === '' && url.password === '' && hasDot
}

function countLinks(text: string): number {
  return text.match(/https?:\/\/(www\.)?|www\./gi)?.length ?? 0
}
