import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { detectFormat } from '../../../src/core/importing/detect'
import { readPart } from '../../../src/core/importing/read-part'
import type { ImportFormat } from '../../../src/core/importing/records'
import { toEntry } from '../../../src/core/importing/to-entry'

const FOLDER = join(import.meta.dirname, '../../fixtures/imports')
const NOW = Date.UTC(2026, 0)

/** Reads a whole file as a job does, in windows of a given size. @returns the entries, and what was skipped */
function readAll(format: ImportFormat, bytes: Uint8Array, size = 200_000) {
  const entries: Record<string, unknown>[] = []
  const skipped: string[] = []
  let state = {}
  let position = 0
  for (let steps = 0; ; steps++) {
    if (steps > 10_000) throw new Error(`No progress at ${position}.`)
    const part = bytes.subarray(position, position + size)
    const read = readPart(format, { bytes: part, position, isEnd: position + size >= bytes.length, state, now: NOW })
    for (const one of read.found) {
      if ('skip' in one) skipped.push(one.skip)
      else {
        const { record } = one
        const entry = toEntry(record, record.time ?? 0, { markup: true, now: NOW })
        if (!entry.ok) skipped.push(entry.error)
        else {
          const { name, website, body, status } = entry.value
          const { id, parent, isOwner, time } = record
          const at = time === null ? null : new Date(time).toISOString()
          entries.push({ name, website, body, status, id, parent, isOwner, time: at })
        }
      }
    }
    position = read.position
    state = JSON.parse(JSON.stringify(read.state))
    if (read.isDone) return { entries, skipped }
  }
}

const FILES: Record<string, ImportFormat> = {
  'disqus.xml': 'disqus',
  'wordpress.xml': 'wordpress',
  'isso.json': 'isso',
  'isso.csv': 'isso',
  'remark42.json': 'remark42',
  'artalk.json': 'artalk',
  'waline.json': 'waline',
  'cusdis.json': 'cusdis',
  'commento.json': 'commento',
  'staticman.yml': 'staticman',
  'staticman.json': 'staticman',
  'guestbook.csv': 'csv',
  'guestbook.html': 'html',
}

describe('a file as another system writes it', () => {
  it('is in the list, like every file in the folder', () => {
    expect(Object.keys(FILES).toSorted()).toEqual(readdirSync(FOLDER).toSorted())
  })

  it.each(Object.entries(FILES))('%s is read', (name, format) => {
    const bytes = readFileSync(join(FOLDER, name))
    expect(readAll(format, bytes)).toMatchSnapshot()
    expect(detectFormat(bytes.toString('utf8').slice(0, 4_000))).toBe(format)
  })
})
