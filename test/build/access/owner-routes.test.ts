import { expect, it } from 'vitest'
import { allActs, STRANGERS } from '../../../src/access/acts'
import app from '../../../src/app'

/** Routes with which something can be changed. Middleware is registered for the method ALL. */
const changing = app.routes
  .filter(({ method }) => method !== 'ALL' && method !== 'GET')
  .map(({ method, path }) => `${method} ${path}`)

const forOwner = new Set(changing.filter((route) => /^[A-Z]+ \/(api|admin|moderate)\//.test(route)))

it('every route with which the owner can change something has a name in the audit log', () => {
  expect(forOwner.size).toBeGreaterThan(80)
  expect([...forOwner].filter((route) => !(route in allActs()))).toEqual([])
})

it('the table of acts lists only routes that exist', () => {
  expect(Object.keys(allActs()).filter((route) => !forOwner.has(route))).toEqual([])
})

it('every other route that changes something is in the list of strangers, or of a private link', () => {
  const others = changing.filter(
    (route) => !/^[A-Z]+ \/(api\/(?!comments)|admin|moderate|mcp$|webhooks\/manage)/.test(route)
  )
  const listed = [...Object.keys(STRANGERS), ...Object.keys(allActs())]
  expect(others.filter((route) => !listed.includes(route))).toEqual([])
  const routes = app.routes.map(({ method, path }) => `${method} ${path}`)
  expect(Object.keys(STRANGERS).filter((route) => !routes.includes(route))).toEqual([])
})
