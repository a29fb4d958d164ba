import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FORM, signAsGuest, withoutModeration } from '../../support/session'
import { BASE, World } from '../../support/world'

/* Parsing an international host takes longer the more different characters it has. Strangers must not cause it. */

/** Each field has its own maximum, up to which a host can fill it. */
const urlOf = (length: number) =>
  `https://${Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('')}/`
const [SHORTEST, LONG] = [urlOf(280), urlOf(1_500)]
const Real = URL

/** The long hosts that were parsed. */
let parsed: string[] = []

function note([url]: unknown[]): void {
  if (String(url).includes(SHORTEST.slice(8, -1))) parsed.push(String(url).slice(0, 20))
}

beforeEach(() => {
  parsed = []
  vi.stubGlobal(
    'URL',
    new Proxy(Real, {
      construct: (target, values, made) => {
        note(values)
        return Reflect.construct(target, values, made)
      },
      get: (target, name) => {
        if (name !== 'parse' && name !== 'canParse') return Reflect.get(target, name)
        return (...values: [string]) => {
          note(values)
          return target[name](...values)
        }
      },
    })
  )
})

afterEach(() => vi.unstubAllGlobals())

const submit = (world: World, path: string, fields: Record<string, string>) =>
  world.request(path, { method: 'POST', headers: FORM, body: new URLSearchParams(fields).toString() })

/** What strangers can send. */
const DOORS: Record<string, (world: World) => Promise<unknown>> = {
  'the website of an entry': (world) => signAsGuest(world, { website: SHORTEST }),
  'the website of a comment': (world) =>
    world.api('POST', '/api/comments', { name: 'Ada', body: 'Hello', website: SHORTEST }, {}),
  'where a guest returns to': (world) => world.request(`/?return_to=${encodeURIComponent(LONG)}`),
  'the source of a webmention': (world) => submit(world, '/webmention', { source: LONG, target: `${BASE}/` }),
  'the target of a webmention': (world) => submit(world, '/webmention', { source: 'https://a.example/', target: LONG }),
  'the URL of an integrator': (world) => submit(world, '/webhooks', { url: LONG, event_types: 'comment.published' }),
}

async function aGuestbook(): Promise<World> {
  const world = await withoutModeration(new World())
  await world.api('PATCH', '/api/settings', { registration: 'open' })
  await world.api('PATCH', '/api/books/main', { return_origins: ['https://ada.example'] })
  return world
}

describe('a long international host', () => {
  it.each(Object.keys(DOORS))('is not parsed if it is %s', async (door) => {
    await DOORS[door]?.(await aGuestbook())
    expect(parsed).toEqual([])
  })

  it.each(['/', '/comments/:id', '/export.html', '/embed/main'])(
    'is not parsed if an entry that links to it is on the page %s',
    async (path) => {
      const world = await aGuestbook()
      const entry = await world.api<{ id: string }>(
        'POST',
        '/api/comments',
        { name: 'Ada', body: `Look: ${urlOf(3_900)}` },
        {}
      )
      expect(entry.status).toBe(201)
      const page = await world.request(path.replace(':id', entry.body.id))
      expect(await page.text()).toContain(LONG.slice(8, 200))
      expect(parsed).toEqual([])
    }
  )
})
