import { describe, expect, it, vi } from 'vitest'
import { readPart } from '../../../src/core/importing/read-part'
import type { ImportFormat } from '../../../src/core/importing/records'
import { utf8 } from '../../../src/core/lib/bytes'

const PART = 225_000
const fill = (unit: string) => utf8(unit.repeat(Math.ceil(PART / unit.length)).slice(0, PART))

/** Files in which every place starts a record that has no end. */
const FILES: [format: ImportFormat, unit: string][] = [
  ['staticman', '---\n'],
  ['staticman', '...\n'],
  ['staticman', 'a\n---\n'],
  ['csv', '"a\n'],
  ['csv', '"\n\n'],
  ['disqus', '<post ></thread>'],
  ['wordpress', '<wp:comment ><wp:author >'],
  ['remark42', '{"a":'],
  ['waline', '[{"a":"'],
]

describe('a file of records without an end', () => {
  it.each(FILES)('is searched about once for each part, in %s: %j', (format, unit) => {
    const spies = [vi.spyOn(String.prototype, 'indexOf'), vi.spyOn(RegExp.prototype, 'exec')]
    const bytes = fill(unit)
    const part = { bytes, position: 0, isEnd: false, state: {}, now: Date.now() }
    const read = readPart(format, part)
    const searches = spies.reduce((sum, { mock }) => sum + mock.calls.length, 0)
    for (const spy of spies) spy.mockRestore()
    // Three searches in each line of what is searched at most.
    expect(searches).toBeLessThan(PART)
    expect(read.isDone || read.position >= 64_000 || read.found.length >= 25).toBe(true)
  })
})
