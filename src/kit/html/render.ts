import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type JSX, jsx } from '#jsx'
import { dailyLimit } from '../db/daily-limit'
import { explainFields } from '../http/form'
import type { Refusal } from '../http/problem'
import { Address } from './contexts/address'
import { ReachedLimit } from './contexts/daily-limit'
import { Waiting } from './contexts/waiting'
import { FormToken } from './parts/form'
import { Refused } from './parts/refused'
import { Searched, toPattern } from './user-text'

/** @returns a page as text. JSX escapes all text. */
export const renderText = (page: JSX.Element): string => `<!doctype html>${page}`

/** Responds with a page. */
export async function renderPage(
  c: Context,
  page: JSX.Element,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {}
): Promise<Response> {
  return c.html(await renderInContext(c, page), status, headers)
}

/** Responds with the rows of a list alone. See `Rows`. */
export async function renderRows(c: Context, rows: JSX.Element): Promise<Response> {
  return c.html(String(await forOwners(c, rows)))
}

/**
 * @param refusal why the form was refused: the top of the page says it, and each field shows its errors
 * @param at the address of the page, for its lists, if the form is sent to another one
 */
export async function renderForm(c: Context, page: JSX.Element, refusal?: Refusal, at?: string): Promise<Response> {
  if (!refusal) return renderPage(c, page)
  const value = { detail: explainFields(refusal), left: refusal.errors, hasFocus: false }
  const children = at === undefined ? page : jsx(Address.Provider, { value: at, children: page })
  const refused = jsx(Refused.Provider, { value, children })
  return renderPage(c, refused, refusal.status, refusal.headers)
}

async function renderInContext(c: Context, page: JSX.Element): Promise<string> {
  const waiting = (await c.get('countWaiting')?.()) ?? 0
  const children = await forOwners(c, page)
  const { pathname, search } = new URL(c.req.url)
  const inAddress = jsx(Address.Provider, { value: pathname + search, children })
  const inLimit = jsx(ReachedLimit.Provider, { value: dailyLimit(c.env, c.get('now')), children: inAddress })
  return renderText(jsx(Waiting.Provider, { value: waiting, children: inLimit }))
}

/** The pages of the owner and of integrators. */
const FOR_OWNERS = /^\/(admin|webhooks)(\/|$)/

/** Their forms act once, even if they are submitted twice (see kit/http/act-once.ts). */
async function forOwners(c: Context, page: JSX.Element): Promise<JSX.Element> {
  if (!FOR_OWNERS.test(c.req.path)) return page
  const marked = jsx(Searched.Provider, { value: toPattern(c.req.query('q')), children: page })
  return jsx(FormToken.Provider, { value: crypto.randomUUID(), children: marked })
}
