import { describe, expect, it } from 'vitest'
import { EN } from '../../../src/guestbook/rules/languages/en'
import { isRepeatedText } from '../../../src/guestbook/signing/repeated-texts'
import { aComment } from '../../support/fixtures'
import { signAsGuest } from '../../support/session'
import { World } from '../../support/world'

const refusing = { limit: async () => ({ success: false }) } as RateLimit

describe('beyond the rate limit', () => {
  it('a preview keeps what was typed, but makes no page of entries', async () => {
    const world = new World({ TEST_LIMIT: refusing })
    await aComment(world, { body: 'An entry on the page' })
    const response = await signAsGuest(world, { preview: 'yes', body: 'What I typed' })
    expect(response.status).toBe(429)
    expect(response.headers.get('Retry-After')).toBe('60')
    const html = await response.text()
    expect(html).toContain('What I typed</textarea>')
    expect(html).not.toContain('An entry on the page')
  })

  it('an entry is refused in the same way, and previews do not use up its limit', async () => {
    const world = new World({ SIGN_LIMIT: refusing })
    await aComment(world, { body: 'An entry on the page' })
    const response = await signAsGuest(world, { body: 'What I typed' })
    expect(response.status).toBe(429)
    const html = await response.text()
    expect(html).toContain('What I typed</textarea>')
    expect(html).not.toContain('An entry on the page')
    expect((await signAsGuest(world, { preview: 'yes' })).status).toBe(200)
  })

  it('a form that cannot be read gets an error', async () => {
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }
    expect((await new World().request('/sign', json)).status).toBe(415)
    expect((await new World({ TEST_LIMIT: refusing }).request('/sign', json)).status).toBe(429)
  })
})

it('a refused page has neither a heading without entries nor links to their pages', async () => {
  const world = new World({ SIGN_LIMIT: refusing })
  for (let i = 0; i < 21; i++) await aComment(world, { body: `Entry ${i}` })
  for (const path of ['/sign', '/embed/main/sign']) {
    const response = await signAsGuest(world, { body: 'What I typed' }, { path })
    expect(response.status).toBe(429)
    const html = await response.text()
    expect(html).toContain('What I typed</textarea>')
    expect(html).not.toContain(EN.entries)
    expect(html).not.toMatch(/rel="next"|aria-current="page"/)
    expect(html).toContain(EN.to_book)
  }
})

describe('the texts of the last hour', () => {
  it('are remembered as hashes, although folding makes one of them 18 times longer', () => {
    const { env } = new World()
    const kept: string[] = []
    const set = Map.prototype.set
    Map.prototype.set = function (key: string, value: unknown) {
      kept.push(String(key))
      return set.call(this, key, value)
    }
    try {
      const text = '\uFDFA'.repeat(4_000)
      expect(isRepeatedText(env, 'main', text, 1)).toBe(false)
      expect(isRepeatedText(env, 'main', text, 2)).toBe(true)
      expect(isRepeatedText(env, 'main', `${text}.`, 3)).toBe(false)
    } finally {
      Map.prototype.set = set
    }
    expect(kept.length).toBeGreaterThan(0)
    expect(Math.max(...kept.map(({ length }) => length))).toBeLessThan(100)
  })
})
