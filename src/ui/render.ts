import type { Context } from 'hono'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** Responds with a page. JSX escapes all text. */
export async function renderPage(
  c: Context,
  page: JSX.Element,
  status: ContentfulStatusCode = 200,
  headers: Record<string, string> = {}
): Promise<Response> {
  return c.html(`<!doctype html>${await page.toString()}`, status, headers)
}
