import type { Context } from 'hono'
import { type JSX, jsx } from 'hono/jsx/jsx-runtime'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { Waiting } from './waiting'

/*
 * Hono looks for AsyncLocalStorage when it first renders something, which loads a part of Node's API. Done here, this
 * costs CPU time at startup instead of in the first request.
 */
void jsx('br', {}).toString()

/** @returns a page as text. JSX escapes all text. */
export async function renderText(page: { toString(): string | Promise<string> }): Promise<string> {
  return `<!doctype html>${await page.toString()}`
}

/** Responds with a page. */
export async function renderPage(
  c: Context,
  page: JSX.Element,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {}
): Promise<Response> {
  const waiting = (await c.get('countWaiting')?.()) ?? 0
  return c.html(await renderText(jsx(Waiting.Provider, { value: waiting, children: page })), status, headers)
}
