import { applyD1Migrations, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { withLinks } from '../../../src/guestbook/books/settings/links'
import { migrate } from './old-databases'

/* Migration 0025 makes links of the fields of a webring, as an import of an older file does. */

const RING = { webring_name: 'Ring', webring_url: 'https://ring.example/' }
const BESIDE = { webring_prev_url: 'https://before.example/', webring_next_url: 'https://after.example/' }

const BOOKS: Record<string, [settings: object, links: string[] | undefined]> = {
  all: [{ ...RING, ...BESIDE, theme: 'zine' }, ['‹ Previous site', 'Ring', 'Next site ›']],
  unnamed: [{ ...BESIDE, webring_name: null }, undefined],
  alone: [RING, ['Ring']],
  words: [{ webring_name: 'Ring' }, []],
  none: [{ welcome: 'My webring' }, undefined],
  ...Object.fromEntries(
    ['de', 'fr', 'es', 'pt', 'ja', 'ar'].map((language) => [
      language,
      [{ ...RING, ...BESIDE, language }, [expect.stringContaining('‹'), 'Ring', expect.stringContaining('›')]],
    ])
  ),
}

it('the links of a webring stay, in their order and in the language of the book', async () => {
  await reset()
  await applyD1Migrations(
    env.DB,
    env.TEST_MIGRATIONS.filter(({ name }) => name < '0025')
  )
  const insert = 'insert into books (slug, title, settings, version, created_at) values (?, ?, ?, 1, 0)'
  for (const [slug, [settings]] of Object.entries(BOOKS))
    await env.DB.prepare(insert).bind(slug, slug, JSON.stringify(settings)).run()
  await migrate()
  const { results } = await env.DB.prepare("select slug, settings, version from books where slug <> 'main'").all<{
    slug: string
    settings: string
    version: number
  }>()
  expect(results).toHaveLength(Object.keys(BOOKS).length)
  for (const { slug, settings, version } of results) {
    const [before, labels] = BOOKS[slug] ?? [{}, []]
    const after = JSON.parse(settings)
    expect(after, slug).toEqual(withLinks({ ...before }))
    expect(
      after.links?.map(({ label }: { label: string }) => label),
      slug
    ).toEqual(labels)
    expect(version, slug).toBe(slug === 'none' ? 1 : 2)
  }
})
