import { describe, expect, it } from 'vitest'
import page from '../../../docs/access.md?raw'
import { aSource, post } from '../../support/sources'
import { World } from '../../support/world'
import { aKey, withKey } from './a-key'
import { Program } from './plants'

/** The table of docs/access.md, by column. */
const [HEAD = [], ...ROWS] = (/\| what a key gets .*?(?=\n\n)/s.exec(page)?.[0] ?? '')
  .split('\n')
  .filter((line) => !line.startsWith('| ---'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  )
const COLUMNS = HEAD.slice(1).map((cell): string[] => cell.match(/\w+/g) ?? [])

function documented(column: number): Record<string, boolean> {
  return Object.fromEntries(ROWS.map((row) => [row[0] ?? '', row[column + 1] === 'yes']))
}

describe('what a key gets, by all doors and all detours', () => {
  it.each(COLUMNS.map((scopes, column) => ({ scopes, column })))(
    'is what docs/access.md says, with $scopes',
    async ({ scopes, column }) => {
      const program = await Program.with(scopes)
      await program.read()
      if (scopes.includes('write')) await program.divert()
      expect(await program.knows()).toEqual(documented(column))
    }
  )

  it('is in a table with each scope alone', () => {
    const alone = COLUMNS.filter(({ length }) => length === 1).flat()
    expect(alone).toEqual(['read', 'write', 'moderate', 'secrets', 'metrics'])
  })
})

describe('a key without the scope "secrets" cannot read a credential of a request', () => {
  const TOKEN_OF_SENDER = 'the-token-of-the-sender'

  async function seen(source: Record<string, unknown>, header: string, change?: Record<string, unknown>) {
    const world = new World()
    const { id, path } = await aSource(world, String(source.provider), source)
    const { body } = await post(world, path, '{"n":1}', { [header]: TOKEN_OF_SENDER })
    await world.drain()
    if (change) await world.api('PATCH', `/api/sources/${id}`, change)
    const key = await aKey(world, ['read', 'write'])
    await world.api('POST', `/api/inbound/${body.id}/replay`, undefined, withKey(key))
    const texts = ['', '/verification', '/har'].map(async (part) =>
      JSON.stringify((await world.api('GET', `/api/inbound/${body.id}${part}`, undefined, withKey(key))).body)
    )
    return (await Promise.all(texts)).join('\n')
  }

  it('by saying that it is a signature', async () => {
    const options = { header: 'Authorization' }
    expect(await seen({ provider: 'custom-hmac', secret: 'hush', options }, 'Authorization')).not.toContain(
      TOKEN_OF_SENDER
    )
  })

  it('by saying that the secret is in another parameter', async () => {
    const world = new World()
    const source = { secret: TOKEN_OF_SENDER, options: { parameter: 'token' } }
    const { id, path } = await aSource(world, 'query-token', source)
    const { body } = await post(world, `${path}?token=${TOKEN_OF_SENDER}&text=a%20b`, '{}')
    await world.drain()
    const options = { parameter: 'other', event_type: 'query:token', delivery_id: 'query:token' }
    await world.api('PATCH', `/api/sources/${id}`, { options, fields: [{ name: 'leak', path: 'query:token' }] })
    const key = await aKey(world, ['read', 'write'])
    await world.api('POST', `/api/inbound/${body.id}/replay`, undefined, withKey(key))
    const read = await world.api('GET', `/api/inbound/${body.id}`, undefined, withKey(key))
    expect(JSON.stringify(read.body)).not.toContain(TOKEN_OF_SENDER)
  })

  it('by saying that the secret is in another header', async () => {
    const options = { header: 'X-Shop-Code' }
    const source = { provider: 'header-token', secret: TOKEN_OF_SENDER, options }
    const place = 'header:x-shop-code'
    const changed = { header: 'X-Other', event_type: place, delivery_id: 'header:x-shop-*' }
    const change = { options: changed, fields: [{ name: 'leak', path: place }] }
    expect(await seen(source, 'X-Shop-Code', change)).not.toContain(TOKEN_OF_SENDER)
  })
})
