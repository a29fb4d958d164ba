import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../public', file), 'utf8')

describe('the script that embeds a book', () => {
  it('takes at most 5 KB, compressed, with its comments', () => {
    const size = gzipSync(read('embed.js')).length
    console.log(`budget  embed.js: ${size} bytes gzip (<= 5000)`)
    expect(size).toBeLessThanOrEqual(5_000)
  })

  it.each(['embed.js', 'embed-frame.js'])(
    '%s needs neither HTML from text, nor inline styles, nor another host',
    (file) => {
      const code = read(file)
      expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|\.style\b/)
      expect(code).not.toMatch(/https?:\/\/[a-z]/i)
    }
  )
})
