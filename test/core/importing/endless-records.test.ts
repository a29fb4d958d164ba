import { describe, expect, it } from 'vitest'
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

/** Counts without noting what is searched, because too many searches would fill the memory. */
function countSearches<T>(run: () => T): { searches: number; result: T } {
  const { indexOf } = String.prototype
  const { exec } = RegExp.prototype
  let searches = 0
  String.prototype.indexOf = function (...values) {
    searches += 1
    return indexOf.apply(this, values)
  }
  RegExp.prototype.exec = function (text) {
    searches += 1
    return exec.call(this, text)
  }
  try {
    const result = run()
    return { result, searches }
  } finally {
    String.prototype.indexOf = indexOf
    RegExp.prototype.exec = exec
  }
}

describe('a file of records without an end', () => {
  it.each(FILES)('is searched about once for each part, in %s: %j', (format, unit) => {
    const bytes = fill(unit)
    const part = { bytes, position: 0, isEnd: false, state: {}, now: Date.now() }
    const { searches, result: read } = countSearches(() => readPart(format, part))
    // Three searches in each line of what is searched at most.
    expect(searches).toBeLessThan(PART)
    expect(read.isDone || read.position >= 64_000 || read.found.length >= 25).toBe(true)
  })
})
