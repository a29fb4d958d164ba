import { err, ok, type Result } from '../lib/result'
import { cleanLine, isBlank, lengthFault, unicodeFault } from './text'

/** Lengths are in code points: an emoji or a letter outside the basic plane counts once. */
export const NAME_MAX = 80
export const BODY_MAX = 4_000
export const WEBSITE_MAX = 300
/** As stored: a letter outside ASCII takes up to twelve characters in an address. */
const URL_MAX = 2_048
/** More links than this in one entry, and it waits for the owner. */
export const LINKS_MAX = 2

export interface CommentInput {
  name: string
  body: string
  website?: string | null | undefined
}

export interface AcceptedComment {
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
 * What a guest may leave. Everything wrong is said at once, each next to its field; what is right comes back cleaned: trimmed,
 * NFC, line ends as `\n`, no more than one blank line in a row.
 */
export function judgeComment(input: CommentInput): Result<AcceptedComment, FieldError[]> {
  const name = checkText('name', input.name, cleanLine, NAME_MAX)
  const body = checkText('body', input.body, cleanText, BODY_MAX)
  const website = checkWebsite(input.website)
  if (name.ok && body.ok && website.ok) {
    const held = countLinks(body.value) > LINKS_MAX
    return ok({
      name: name.value,
      body: body.value,
      website: website.value,
      status: held ? 'held' : 'published',
      reason: held ? 'links' : null,
    })
  }
  return err([name, body, website].flatMap((part) => (part.ok ? [] : [part.error])))
}

const LABELS = { name: 'Your name', body: 'Your message', website: 'The website' }

/** What is far too long is refused before it is cleaned: normalising a megabyte of combining marks takes a while. */
const FAR = 4

function checkText(
  path: 'name' | 'body',
  given: string,
  clean: (text: string) => string,
  max: number
): Result<string, FieldError> {
  const label = LABELS[path]
  const text = given.length > FAR * max ? given : clean(given)
  const fault =
    unicodeFault(text) ??
    (isBlank(text) ? 'is empty. Write something that can be seen.' : null) ??
    lengthFault(text, max)
  return fault ? err({ path, message: `${label} ${fault}` }) : ok(text)
}

function cleanText(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** `example.com:8080` is a host with a port, not a scheme. */
const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:(?!\d+([/?#]|$))/i

/** A guest may leave out the scheme; the link is http or https, and carries no credentials. */
function checkWebsite(input: string | null | undefined): Result<string | null, FieldError> {
  const text = input?.trim() ?? ''
  if (text === '') return ok(null)
  const fault = unicodeFault(text) ?? lengthFault(text, WEBSITE_MAX)
  if (fault) return err({ path: 'website', message: `${LABELS.website} ${fault}` })
  const url = URL.parse(HAS_SCHEME.test(text) ? text : `https://${text}`)
  if (!url || !isWebAddress(url)) {
    const message = 'The website must be an address like https://example.com, or stay empty.'
    return err({ path: 'website', message })
  }
  const long = lengthFault(url.href, URL_MAX)
  return long ? err({ path: 'website', message: `${LABELS.website} ${long}` }) : ok(url.href)
}

function isWebAddress(url: URL): boolean {
  const web = url.protocol === 'https:' || url.protocol === 'http:'
  const dotted = /[^.]\.[^.]/.test(url.hostname)
  return web && url.username === '' && url.password === '' && dotted
}

function countLinks(text: string): number {
  return text.match(/https?:\/\/(www\.)?|www\./gi)?.length ?? 0
}
