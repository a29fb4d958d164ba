import type { Context } from 'hono'
import type { HonoEnv } from './env'
import { ErrorPage } from './error-page'
import { translator } from './guestbook/reading/languages'
import { chooseLanguage } from './guestbook/rules/languages'
import { renderPage } from './kit/html/render'
import { problemResponse, type Refusal } from './kit/http/problem'
import { askToLogIn } from './owner/dashboard/pages'

/**
 * Responds with problem details for paths that programs use, and with a page for all other paths.
 * @param isLogged whether the log has the request
 */
export async function refuse(c: Context<HonoEnv>, refusal: Refusal, isLogged = false): Promise<Response> {
  const isByScript = c.req.header('Accept') === 'application/json'
  if (isByScript || /^\/(api|in|mcp|webmention|openapi\.json|healthz|\.well-known)(\/|$)/.test(c.req.path))
    return problemResponse(c, refusal)
  if (refusal.code === 'no_session') return askToLogIn(c, refusal)
  const { path } = c.req
  const logged = isLogged ? c.get('requestId') : null
  const translate = await translator(c.env, chooseLanguage(c.req.header('Accept-Language')))
  const shown = { refusal, path, logged, translate, isOwner: c.get('actor') !== undefined }
  const headers = { Vary: 'Accept-Language', ...refusal.headers }
  return renderPage(c, <ErrorPage {...shown} />, refusal.status, headers)
}
