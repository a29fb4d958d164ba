import { inMib } from '../../src/kit/lib/amounts'
import { type Bytes, decodeUtf8 } from '../../src/kit/lib/bytes'
import { gunzip, isGzip } from '../../src/kit/lib/gzip'
import { MAX_FILE_BYTES } from '../../src/owner/rules/importing/limits'
import { isSqlite, SQLITE_HINT } from '../../src/owner/rules/importing/sqlite'

/* A file as text: unpacked, and in the encoding that it is written in. */

/** Why a file cannot be read. The message is for people: what is wrong, and what to do next. */
export class FileError extends Error {
  override name = 'FileError'

  constructor(
    readonly code: string,
    message: string
  ) {
    super(message)
  }
}

/** @throws FileError */
export async function readText(given: Bytes): Promise<string> {
  refuseLarge(given.length)
  const bytes = isGzip(given) ? await unpack(given) : given
  const [first, second] = bytes
  if (first === undefined) throw new FileError('empty_file', 'The file is empty.')
  if (first === 0x50 && second === 0x4b)
    throw new FileError('zip_file', 'This is a ZIP archive. Unpack it, then choose the file.')
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new FileError('not_utf8', 'The file is UTF-16. Save it as UTF-8, then try again.')
  if (isSqlite(bytes)) throw new FileError('sqlite_database', SQLITE_HINT)
  return decode(bytes).replace(/^\uFEFF/, '')
}

function refuseLarge(size: number): void {
  const detail = `The file is larger than ${inMib(MAX_FILE_BYTES)}. Split it, and import the parts one after another.`
  if (size > MAX_FILE_BYTES) throw new FileError('too_large', detail)
}

/** @throws FileError */
async function unpack(bytes: Bytes): Promise<Bytes> {
  const unpacked = await gunzip(bytes, MAX_FILE_BYTES)
  if (unpacked.ok) return unpacked.value
  if (unpacked.error === 'too_large') refuseLarge(Number.POSITIVE_INFINITY)
  throw new FileError('not_gzip', 'The file looks like gzip, but cannot be unpacked.')
}

const LATIN = new TextDecoder('windows-1252')
const LINE_FEED = 0x0a

/** Pages and tables from before UTF-8 use Windows-1252, in which every text is valid. Some files have both. */
function decode(bytes: Bytes): string {
  const text = decodeUtf8(bytes)
  if (text !== null) return text
  const lines: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LINE_FEED, at)
    const line = bytes.subarray(at, end < 0 ? bytes.length : end + 1)
    lines.push(decodeUtf8(line) ?? LATIN.decode(line))
    at += line.length
  }
  return lines.join('')
}
