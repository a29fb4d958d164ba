import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../public', file), 'utf8')

describe('the script that embeds a book', () => {
  it('takes at most 6 KB, compressed, with its form, which is loaded when a guest opens it', () => {
    const [script = 0, form = 0] = ['embed.js', 'embed-form.js'].map((file) => gzipSync(read(file)).length)
    console.log(`budget  embed.js: ${script} bytes gzip, its form ${form} (together <= 6000)`)
    expect(script + form).toBeLessThanOrEqual(6_000)
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
