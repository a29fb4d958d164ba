import { expect, it } from 'vitest'
import { planWall } from '../../../../src/guestbook/rules/looks/wall'

const entryOf = (website: string, i: number) => ({ id: `cmt_${i}`, name: 'Ada', website, button: null })

it('a site is the same with a port, with a dot at its end, and with any path', () => {
  const entries = ['https://ada.example/', 'https://ada.example:8443/', 'https://ada.example./~ada'].map(entryOf)
  expect(planWall(entries, []).map(({ host, comment_id }) => [host, comment_id])).toEqual([['ada.example', 'cmt_0']])
  expect(planWall(entries, ['ada.example'])).toEqual([])
})

it('a button is looked for where the site is', () => {
  expect(planWall([entryOf('http://ada.example:8080/about', 1)], [])[0]?.url).toBe('http://ada.example:8080/button.gif')
})
