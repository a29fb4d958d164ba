import { type FileRead, readFile } from '../../../../browser/import'
import { type Bytes, utf8 } from '../../../../src/kit/lib/bytes'
import { readLines } from '../../../../src/owner/rules/importing/read-lines'
import type { ImportFormat } from '../../../../src/owner/rules/importing/records'
import { toEntry } from '../../../../src/owner/rules/importing/to-entry'

export const NOW = Date.UTC(2026, 0)

/** Reads a file as the browser of an owner does. */
export function read(file: string | Bytes, format?: ImportFormat): Promise<FileRead> {
  return readFile(typeof file === 'string' ? utf8(file) : file, { format, markup: true, now: NOW })
}

/** What a guestbook makes of the lines: the entries, and what is skipped. */
export function entriesOf({ lines }: FileRead) {
  const entries: Record<string, unknown>[] = []
  const skipped: { reason: string; position: number; id: string }[] = []
  let state = {}
  const bytes = utf8(lines.join('\n'))
  for (let position = 0, isDone = false; !isDone; ) {
    const part = readLines({ bytes: bytes.subarray(position), position, isEnd: true, state, now: NOW })
    for (const one of part.found) {
      if ('skip' in one) skipped.push({ reason: one.skip, position: one.position, id: one.id })
      else {
        const { id, parent, isOwner, time, origin } = one.record
        const entry = toEntry(one.record, time ?? 0, NOW)
        if (!entry.ok) skipped.push({ reason: entry.error, position: one.position, id })
        else {
          const { name, website, body, status } = entry.value
          const at = time === null ? null : new Date(time).toISOString()
          const known = Array.isArray(origin) && origin[0] === null ? null : at
          entries.push({ name, website, body, status, id, parent, isOwner, time: known })
        }
      }
    }
    ;({ position, state, isDone } = part)
  }
  return { entries, skipped }
}
