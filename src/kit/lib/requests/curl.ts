import { type Bytes, decodeUtf8, toBase64, utf8 } from '../bytes'

/* Writes a request for a POSIX shell. Strangers wrote it, so no part may mean anything to shell, curl or terminal. */

interface CurlRequest {
  method: string
  url: string
  headers: readonly (readonly [name: string, value: string])[]
  body: string | Bytes
  /** The name of a file that contains the body. The command then reads the file, instead of containing the body. */
  file?: string | undefined
}

/** A terminal may act on these characters while they are pasted. A pasted carriage return becomes a line feed. */
const TERMINAL_CONTROLS = /[\p{Cc}--[\t\n]]/v
/** A longer body is piped to curl, because Linux limits an argument to 128 KiB. */
const MAX_ARGUMENT_BYTES = 64 * 1_024

/** @returns the command. It never follows a redirect, and reads no file except `file` */
export function curlCommand(request: CurlRequest): string {
  const { pipe = '', options } = dataOf(request)
  // Without --globoff, curl would send one request for each number in [1-3].
  const first = `${pipe}curl -X ${quoteIfNeeded(request.method)} --globoff ${quote(request.url)}`
  return [first, ...headerOptions(request), ...options].join(' \\\n  ')
}

function headerOptions({ headers, body, file }: CurlRequest): string[] {
  const shown = headers.filter(([, value]) => !TERMINAL_CONTROLS.test(value))
  // curl sends an empty header only if its name ends with a semicolon.
  const written = shown.map(([name, value]) => (value === '' ? `${name};` : `${name}: ${value}`))
  const needsNoType = (body.length > 0 || file) && !headers.some(([name]) => name.toLowerCase() === 'content-type')
  // Otherwise, curl would send the content type of a form.
  if (needsNoType) written.push('Content-Type:')
  return written.map((header) => `-H ${quote(header)}`)
}

/** `--data-raw` takes everything literally. `--data-binary` would read a file if the body started with an @. */
function dataOf({ body, file }: CurlRequest): { pipe?: string; options: string[] } {
  if (file) return { options: [`--data-binary @- < ${quoteIfNeeded(file)}`] }
  if (body.length === 0) return { options: [] }
  const bytes = typeof body === 'string' ? utf8(body) : body
  const text = decodeUtf8(bytes)
  const fits = text !== null && !TERMINAL_CONTROLS.test(text) && bytes.length <= MAX_ARGUMENT_BYTES
  if (fits) return { options: [`--data-raw ${quote(text)}`] }
  return { pipe: `echo ${toBase64(bytes)} | base64 -d | `, options: ['--data-binary @-'] }
}

const quoteIfNeeded = (text: string): string => (/^\w+$/.test(text) ? text : quote(text))

/** Quotes text for a POSIX shell. Between single quotes, only a single quote is special. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
