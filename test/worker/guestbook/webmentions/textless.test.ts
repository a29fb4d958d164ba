import { expect, it } from 'vitest'
import { withoutModeration } from '../../../support/session'
import { World } from '../../../support/world'
import { aPage, entries, mention, post, TARGET } from './site'

it('mentions by pages of one title do not count as repeated, whether the title is all they have or also a name', async () => {
  const world = await withoutModeration(new World())
  const link = `<a href="${TARGET}">x</a>`
  const named = `<div class="h-entry"><b class="p-name">Ada's blog</b>${link}</div>`
  for (const html of [link, link, link, named, named])
    await mention(world, (await aPage(`<title>Ada's blog</title>${html}`)).url)
  expect((await entries(world)).map(({ body }) => body)).toEqual(Array(5).fill("Ada's blog"))
})

it('mentions without a text of their own do not count as repeated, but the same text does', async () => {
  const world = await withoutModeration(new World())
  for (let i = 0; i < 3; i++) await mention(world, (await aPage(`<a href="${TARGET}">${' '.repeat(i)}</a>`)).url)
  expect(await entries(world)).toHaveLength(3)
  expect(new Set((await entries(world)).map(({ body }) => body)).size).toBe(1)
  for (let i = 0; i < 2; i++) await mention(world, (await aPage(post('The same words'))).url)
  expect((await entries(world, 'held')).map(({ reason }) => reason)).toEqual(['repeated'])
})
