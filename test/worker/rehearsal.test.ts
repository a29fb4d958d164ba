import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { rehearse } from '../../src/rehearsal'
import { aComment } from '../support/fixtures'
import { withoutModeration } from '../support/session'
import { World } from '../support/world'

/** The elements of a page, with their classes. */
function elementsOf(html: string): Set<string> {
  return new Set(html.match(/<[a-z]\w*(?: class="[^"]*")?/g))
}

it('an isolate renders at startup what a guest gets, so that the first request need not compile it', async () => {
  const world = new World()
  await withoutModeration(world)
  const entry = { name: 'Ada', website: 'https://ada.example', body: 'Hi :-) https://ada.example' }
  const { id } = await aComment(world, entry)
  await world.api('PATCH', '/api/books/main', { has_wall: true })
  await env.DB.prepare(
    "insert into buttons (book, host, comment_id, url, hash, content) values ('main', 'ada.example', ?, '', 'x', '')"
  )
    .bind(id)
    .run()
  const page = elementsOf(await (await world.request('/')).text())
  expect(page).toContain('<article class="entry h-entry"')
  expect(page).toContain('<p class="wall"')
  expect([...page].filter((element) => !elementsOf(rehearse()).has(element))).toEqual([])
})
