import { describe, expect, it } from 'vitest'
import type { ImportFormat } from '../../../../src/owner/rules/importing/records'
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

/** Adds up how many characters are looked at, without noting which: that would fill the memory. */
async function countLooks<T>(run: () => Promise<T>): Promise<{ looks: number; result: T }> {
  const { indexOf, charCodeAt } = String.prototype
  const { exec } = RegExp.prototype
  let looks = 0
  String.prototype.charCodeAt = function (at) {
    looks += 1
    return charCodeAt.call(this, at)
  }
  String.prototype.indexOf = function (text, from = 0) {
    const found = indexOf.call(this, text, from)
    looks += (found < 0 ? this.length : found) - from + 1
    return found
  }
  RegExp.prototype.exec = function (text) {
    const from = this.lastIndex
    const found = exec.call(this, text)
    looks += this.sticky ? 1 : (found?.index ?? text.length) - from + 1
    return found
  }
  try {
    const result = await run()
    return { result, looks }
  } finally {
    Object.assign(String.prototype, { indexOf, charCodeAt })
    RegExp.prototype.exec = exec
  }
}

describe('a file of records without an end', () => {
  it.each(UNITS)('has no entries, and takes as long as it is, in %s: %j', async (format, unit) => {
    const file = (length: number) => unit.repeat(length / unit.length)
    const short = await countLooks(() => read(file(20_000), format))
    const long = await countLooks(() => read(file(100_000), format))
    expect(long.result.entries).toBe(0)
    // Five times the file, and at most twice as much for each character of it.
    expect(long.looks).toBeLessThan(10 * short.looks)
  })
})
