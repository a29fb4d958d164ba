import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
// @ts-expect-error: a script without types
import { findPublicUrl, namespaceId } from '../../scripts/lib/deploy/inspect.mjs'
// @ts-expect-error: a script without types
import { isPlaceholder, keyFault, tokenFault } from '../../scripts/lib/deploy/secrets.mjs'
import { isPlaceholder as isPlaceholderForWorker } from '../../src/kit/lib/example-secret'
import { parseSecretsKey } from '../../src/kit/lib/secret-box'

describe('a secret', () => {
  const words = [
    'change-me',
    'CHANGE_ME_TO_SOMETHING',
    '<ADMIN_TOKEN>',
    'your-admin-token',
    'secret',
    'xxx',
    '000',
    'ok',
    '',
  ]

  it('is a placeholder for the script exactly if it is one for the Worker', () => {
    const text = fc.oneof(
      fc.constantFrom(...words),
      fc.string(),
      fc.array(fc.constantFrom(...words)).map((all) => all.join('-'))
    )
    fc.assert(fc.property(text, (value) => isPlaceholder(value) === isPlaceholderForWorker(value)))
    expect(words.map((word) => isPlaceholder(word))).toEqual([true, true, true, true, true, true, true, false, false])
  })

  it.each(['change-me-to-something-long', 'short', 'with a space in the middle', 'ä'.repeat(30)])(
    '%s is refused as an admin token, with a reason',
    (token) => expect(tokenFault(token)).toMatch(/^(The|This) admin token .*\.$/)
  )

  it.each(['', 'hunter2', btoa('\0'.repeat(32)), btoa('0123456789abcdef')])('%s is refused as SECRETS_KEY', (key) => {
    expect(keyFault(key)).toMatch(/^(This )?SECRETS_KEY /)
  })

  it('of 32 random bytes is accepted by the script and by the Worker', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = Buffer.from(bytes).toString('base64')
        return keyFault(key) !== null || parseSecretsKey(key).ok
      })
    )
    expect(keyFault(Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64'))).toBeNull()
  })
})

describe('the public address', () => {
  const toml = (vars: object, more: object = {}) => ({ name: 'guesthook', vars: { PUBLIC_URL: '', ...vars }, ...more })
  const domain = { routes: [{ pattern: 'book.example', custom_domain: true }] }
  const deployed = [{ name: 'PUBLIC_URL', type: 'plain_text', text: 'https://deployed.example' }]
  const find = (options: object, config: object, found: object = {}) =>
    findPublicUrl(options, config, { subdomain: 'ada', bindings: null, ...found }, 'account')

  it('is the first of: the option, wrangler.toml, its custom domain, what is deployed, workers.dev', () => {
    const option = { 'public-url': 'https://option.example/' }
    const all = toml({ PUBLIC_URL: 'https://toml.example' }, domain)
    expect(find(option, all, { bindings: deployed })).toBe('https://option.example')
    expect(find({}, all, { bindings: deployed })).toBe('https://toml.example')
    expect(find({}, toml({}, domain), { bindings: deployed })).toBe('https://book.example')
    expect(find({}, toml({}), { bindings: deployed })).toBe('https://deployed.example')
    expect(find({}, toml({}))).toBe('https://guesthook.ada.workers.dev')
  })

  it.each([
    'guestbook.example.com',
    'http://guestbook.example.com',
    'https://example.com/guestbook',
    'https://a:b@c.example',
  ])('%s is refused, because links would be wrong', (url) =>
    expect(() => find({ 'public-url': url }, toml({}))).toThrow(/https:/)
  )

  it('is missing without workers.dev and a domain', () => {
    expect(() => find({}, toml({}, { workers_dev: false }), { subdomain: null })).toThrow(/no address/)
  })
})

describe('the number of a rate limit', () => {
  const text = readFileSync(join(import.meta.dirname, '../../wrangler.toml'), 'utf8')

  it('is derived from the name of the Worker, and wrangler.toml has the numbers of its own name', () => {
    const [, name] = /^name = "(.*)"$/m.exec(text) ?? []
    const numbers = [...text.matchAll(/^namespace_id = "(\d+)"$/gm)].map(([, number]) => number)
    expect(numbers).toEqual(numbers.map((_, i) => namespaceId(name, i)))
    expect(numbers).toHaveLength(4)
  })

  it('is a positive 32-bit integer, and different for other names', () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `book-${i}`)
    const numbers = names.map((name) => Number(namespaceId(name, 9)))
    expect(Math.max(...numbers)).toBeLessThan(2 ** 31)
    expect(Math.min(...numbers)).toBeGreaterThan(0)
    expect(new Set(numbers).size).toBe(names.length)
  })
})
