import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { type JSX, jsx } from '#jsx'
import { dailyLimit } from '../db/daily-limit'
import { TOKEN_FIELD } from '../http/forms/submissions'
import type { Refusal } from '../http/problem'
import { Address } from './contexts/address'
import { DailyLimit } from './contexts/daily-limit'
import { Waiting } from './contexts/waiting'
import { markErrors } from './field-errors'

/** @returns a page as text. JSX escapes all text. */
export function renderText(page: JSX.Element): string {
  return `<!doctype html>${page}`
}

/** Responds with a page. */
export async function renderPage(
  c: Context,
  page: JSX.Element,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {}
): Promise<Response> {
  return c.html(await renderInContext(c, page), status, headers)
}

/** Responds with the rows of a list alone. See `LiveRows`. */
export function renderRows(c: Context, rows: JSX.Element): Response | Promise<Response> {
  return c.html(withToken(c, String(rows)))
}

/**
 * Responds with a page that has a form.
 * @param refusal why the form was rejected, if it was. Each error is shown beside its field
 */
export async function renderForm(c: Context, page: JSX.Element, refusal?: Refusal): Promise<Response> {
  if (!refusal) return renderPage(c, page)
  const html = await markErrors(await renderInContext(c, page), refusal.errors)
  return c.html(html, refusal.status, refusal.headers)
}

async function renderInContext(c: Context, page: JSX.Element): Promise<string> {
  const waiting = (await c.get('countWaiting')?.()) ?? 0
  const { pathname, search } = new URL(c.req.url)
  const inAddress = jsx(Address.Provider, { value: pathname + search, children: page })
  const inLimit = jsx(DailyLimit.Provider, { value: dailyLimit(c.env, c.get('now')), children: inAddress })
  return withToken(c, renderText(jsx(Waiting.Provider, { value: waiting, children: inLimit })))
}

/** The parts of the program whose forms act once, even if they are submitted twice: see kit/http/forms/submissions.ts. */
const WITH_TOKEN = /^\/(admin|webhooks)(\/|$)/

/** Adds a token to every form that acts. Added here, it cannot be forgotten. Firefox would restore an earlier token. */
function withToken(c: Context, html: string): string {
  if (!WITH_TOKEN.test(c.req.path)) return html
  const field = `<input type="hidden" name="${TOKEN_FIELD}" value="${crypto.randomUUID()}" autocomplete="off">`
  return html.replace(/<form\b[^>]*\bmethod="post"[^>]*>/g, (form) => form + field)
}
