import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../public', file), 'utf8')

describe('the script that embeds a book', () => {
  it.each([
    { file: 'embed.js', when: 'which every visitor of the host page loads', maxBytes: 3_500 },
    { file: 'embed-form.js', when: 'which is loaded when a guest opens the form or changes an entry', maxBytes: 6_000 },
  ])('$file, $when, takes at most $maxBytes bytes, compressed', ({ file, maxBytes }) => {
    const bytes = gzipSync(read(file)).length
    console.log(`budget  ${file}: ${bytes} bytes gzip (<= ${maxBytes})`)
    expect(bytes).toBeLessThanOrEqual(maxBytes)
  })

  it.each(['embed.js', 'embed-form.js', 'embed-frame.js', 'doodle.js'])(
    '%s needs neither HTML from text, nor inline styles, nor another host',
    (file) => {
      const code = read(file)
      expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.style\b/)
      // It is only a name.
      expect(code.replace('http://www.w3.org/2000/svg', '').replace(/\/\*\*.*\*\//g, '')).not.toMatch(
        /https?:\/\/[a-z]/i
      )
    }
  )
})
