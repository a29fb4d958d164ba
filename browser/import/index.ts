import { type Bytes, utf8 } from '../../src/kit/lib/bytes'
import { IMPORT_FORMATS, type ImportFormat, type SkipReason } from '../../src/owner/rules/importing/records'
import { readCsv } from './csv'
import { detectFormat } from './detect'
import { FIELD_READERS } from './fields'
import { FileError, readText } from './file'
import { readPage } from './html/page'
import { readJson, readLines } from './json'
import { toLines } from './lines'
import { type Context, type Found, MAX_FOUND } from './records'
import { readDisqus, readWordpress } from './xml'
import { readYaml } from './yaml'

/*
 * Reads files of other guestbooks and comment systems, in the browser of the owner and in `npm run import`. The result
 * is what `POST /api/import` takes. `npm run browser` bundles it into public/import-reader.js.
 */

export { FileError }

export interface Options {
  /** Which system wrote the file. Undefined to find out from the file. */
  format?: ImportFormat | undefined
  /** Whether the book shows *emphasis*, **strong** and `code`. */
  markup: boolean
  /** Epoch milliseconds. */
  now: number
}

export interface FileRead {
  format: ImportFormat
  /** NDJSON, without line breaks. */
  lines: string[]
  entries: number
  skipped: Partial<Record<SkipReason, number>>
  /** What to do instead, if nothing was understood, or if another file has more. */
  advice?: string
}

const PAGE_ADVICE =
  'No entry was understood. Each entry needs a name, a text and a date, and a line or an element of its own. ' +
  'In a text editor, put <hr> between the entries, and labels on lines of their own: ' +
  '"Name: Ada<br>", "Date: 1998-03-10<br>", "Message: Hello". ' +
  'Or write a CSV file with the columns name, date and message. Then try again.'

const OWN_PAGE = /<meta name="generator" content="Guesthook">/
const OWN_PAGE_ADVICE =
  'Guesthook made this page. It is not read completely: websites and replies are lost, and answers become part of the ' +
  'texts. If you can, import the file from Export everything instead.'

/** @throws FileError if the file cannot be read at all */
export async function readFile(bytes: Bytes, { format, markup, now }: Options): Promise<FileRead> {
  if (format && !IMPORT_FORMATS.includes(format))
    throw new FileError('unknown_format', `There is no format "${format}". Use one of: ${IMPORT_FORMATS.join(', ')}.`)
  const text = await readText(bytes)
  const read: FileRead = { format: format ?? requireFormat(text), lines: [], entries: 0, skipped: {} }
  for (const { json, skip } of toLines(upTo(MAX_FOUND, findRecords(read.format, text, now)), now, markup)) {
    read.lines.push(json)
    if (skip === undefined) read.entries += 1
    else read.skipped[skip] = (read.skipped[skip] ?? 0) + 1
  }
  if (read.format === 'html' && read.entries === 0) read.advice = PAGE_ADVICE
  if (read.format === 'html' && OWN_PAGE.test(text.slice(0, 4_000))) read.advice = OWN_PAGE_ADVICE
  return read
}

function* upTo(max: number, found: Iterable<Found>): Generator<Found> {
  let left = max
  for (const one of found) {
    if (left-- === 0) return yield { position: one.position, skip: 'rest_not_read', id: '' }
    yield one
  }
}

function requireFormat(text: string): ImportFormat {
  const format = detectFormat(text.slice(0, 4_000))
  if (format) return format
  const detail = 'The format of this file was not recognized. Choose the format, then try again.'
  throw new FileError('unknown_format', detail)
}

/** The first character says how a file was written, because most systems have no export of their own. */
function findRecords(format: ImportFormat, text: string, now: number): Iterable<Found> {
  const context: Context = { now, people: new Map(), site: '', isPublic: true }
  if (format === 'disqus') return readDisqus(text, context)
  if (format === 'wordpress') return readWordpress(text, context)
  if (format === 'html') return readPage(text, context)
  const read = FIELD_READERS[format]
  if (format === 'remark42' || format === 'guesthook') return readLines(text, read, context)
  if (/^\s*[[{]/.test(text.slice(0, 100))) return readJson(text, read, context, format === 'staticman')
  return format === 'staticman' ? readYaml(text, read, context) : readCsv(text, read, context)
}

/** How much one request sends: the guestbook stores it, and then reads it in steps. */
const PAGE_BYTES = 1_000_000

/** @returns the bodies of the requests that send these lines */
export function toPages(lines: string[]): string[] {
  const pages: string[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const line of lines) {
    const bytes = utf8(line).length + 1
    if (size + bytes > PAGE_BYTES) {
      pages.push([])
      size = 0
    }
    pages.at(-1)?.push(line)
    size += bytes
  }
  return pages.map((page) => `${page.join('\n')}\n`)
}
