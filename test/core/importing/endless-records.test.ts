import { describe, expect, it } from 'vitest'
import type { ImportFormat } from '../../../src/core/importing/records'
import { read } from './read'

/** Every place in a file of such units starts a record that has no end. */
const UNITS: [format: ImportFormat, unit: string][] = [
  ['staticman', '---\n'],
  ['staticman', 'a\n---\n'],
  ['staticman', 'a: [\n'],
  ['staticman', 'a: &a *a\na: "\n'],
  ['csv', '"a\n'],
  ['csv', '"\n\n'],
  ['csv', 'a"",'],
  ['disqus', '<post ></thread>'],
  ['disqus', '<a '],
  ['wordpress', '<wp:comment ><wp:author >'],
  ['remark42', '{"a":'],
  ['waline', '[{"a":"'],
  ['isso', '[[{"a":1}'],
  ['html', '<hr><b>'],
  ['html', '<p '],
]

/** Counts without noting what is searched, because too many searches would fill the memory. */
async function countSearches<T>(run: () => Promise<T>): Promise<{ searches: number; result: T }> {
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
    const result = await run()
    return { result, searches }
  } finally {
    String.prototype.indexOf = indexOf
    RegExp.prototype.exec = exec
  }
}

describe('a file of records without an end', () => {
  it.each(UNITS)('has no entries, and is searched a few times for each line, in %s: %j', async (format, unit) => {
    const file = unit.repeat(200_000 / unit.length)
    const { searches, result } = await countSearches(() => read(file, format))
    expect(result.entries).toBe(0)
    expect(searches).toBeLessThan(3 * file.length)
  })
})
