import { env } from 'cloudflare:workers'
import { describe, expect, it, vi } from 'vitest'
import { resealSecrets } from '../../../../src/owner/dashboard/rotate-secrets-key'
import { anEndpoint, later, mailbox, manyEndpoints } from '../../../support/fixtures'
import { ownerBrowser } from '../../../support/session'
import { World } from '../../../support/world'

const NEXT = btoa('n'.repeat(32))
const ROTATING = { SECRETS_KEY: NEXT, SECRETS_KEY_PREVIOUS: env.SECRETS_KEY }

/** Seals endpoints under keys that nobody has anymore: half of them sort before the current key, half after it. */
async function breakSome(ids: string[]) {
  for (const [i, id] of ids.entries()) {
    const head = i % 2 === 0 ? 'AgAAAAAA' : 'Agzzzzzz'
    await env.DB.prepare('update endpoints set secrets = ?1 || substr(secrets, 9) where id = ?2').bind(head, id).run()
  }
}

/** @returns how many endpoints the current key decrypts */
async function readable(world: World, ids: string[]): Promise<number> {
  const alone = new World({ SECRETS_KEY: world.env.SECRETS_KEY })
  const answers = await Promise.all(ids.map((id) => alone.api('GET', `/api/endpoints/${id}/secret`)))
  return answers.filter(({ status }) => status === 200).length
}

/** Runs the part of the sweep that re-encrypts. */
async function pages(world: World, count: number) {
  for (let i = 0; i < count; i++) await resealSecrets(world.env)
}

describe('rotating SECRETS_KEY', () => {
  it('re-encrypts every secret that can be decrypted, even if 60 cannot', async () => {
    const { ids } = await manyEndpoints(new World(), 100, () => mailbox().url('ok'))
    const broken = ids.toSorted().filter((_, i) => i % 5 < 3)
    await breakSome(broken)
    const world = new World(ROTATING)
    // Five pages of endpoints, and one each of sources and signing keys.
    await pages(world, 7)
    expect(await readable(world, ids)).toBe(40)
  })

  it('shows how many secrets cannot be decrypted, and which, once all the others are done', async () => {
    const { ids } = await manyEndpoints(new World(), 30, () => mailbox().url('ok'))
    const broken = ids.slice(0, 25)
    await breakSome(broken)
    const world = new World(ROTATING)
    const { see, get } = await ownerBrowser(world)
    expect(await see('/admin/keys')).toMatch(/31 secrets [^.]*old key/)
    await pages(world, 12)
    const text = await see('/admin/keys')
    expect(text).toMatch(/25 secrets cannot/)
    expect(text).toMatch(/All other secrets/)
    const html = await (await get('/admin/keys')).text()
    expect(html.match(/href="\/admin\/endpoints\/ep_/g)).toHaveLength(20)
    expect(text).toContain('first 20')
  })

  it('decrypts them as soon as the key that encrypted them is the previous key', async () => {
    const { ids } = await manyEndpoints(new World(), 25, () => mailbox().url('ok'))
    const oldest = btoa('o'.repeat(32))
    const wrong = new World({ SECRETS_KEY: NEXT, SECRETS_KEY_PREVIOUS: oldest })
    await pages(wrong, 8)
    const { see } = await ownerBrowser(wrong)
    expect(await see('/admin/keys')).toMatch(/26 secrets cannot/)
    const right = new World(ROTATING)
    await pages(right, 8)
    expect(await readable(right, ids)).toBe(25)
    expect(await (await ownerBrowser(right)).see('/admin/keys')).toContain('All secrets')
  })

  it('starts from the beginning when SECRETS_KEY is rotated once more', async () => {
    const world = new World()
    const { id } = await anEndpoint(world, mailbox().url('ok'))
    await pages(new World(ROTATING), 6)
    const again = new World({ SECRETS_KEY: btoa('a'.repeat(32)), SECRETS_KEY_PREVIOUS: NEXT })
    const { see } = await ownerBrowser(again)
    expect(await see('/admin/keys')).toMatch(/2 secrets [^.]*old key/)
    await pages(again, 3)
    expect(await see('/admin/keys')).toContain('All secrets')
    expect(await readable(again, [id])).toBe(1)
  })

  it('logs the secrets of a page that neither key decrypts in one line', async () => {
    const { ids } = await manyEndpoints(new World(), 5, () => mailbox().url('ok'))
    await breakSome(ids)
    const lines = vi.spyOn(console, 'error')
    await pages(new World(ROTATING), 3)
    const logged = lines.mock.calls.flat().filter((line) => line.includes('secrets.unreadable'))
    lines.mockRestore()
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([{ count: 5, ids: expect.arrayContaining(ids) }])
  })

  it('is done by the sweep, within its budget, whatever else the sweep has to do', async () => {
    const { ids } = await manyEndpoints(new World(), 25, () => mailbox().url('ok'))
    await breakSome(ids.slice(0, 21))
    const world = new World(ROTATING)
    for (let minute = 0; minute < 60; minute++) await world.sweep(later(minute * 60_000))
    expect(await readable(world, ids)).toBe(4)
    expect(world.worst()).toBeLessThanOrEqual(50)
  })
})
