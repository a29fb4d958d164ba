import type { Context } from 'hono'
import { requestId } from 'hono/request-id'
import { auditApi } from './access/audit/api'
import { audited } from './access/audit/record'
import { requireOwner, requireOwnerExceptReading, requireOwnerUnless } from './access/owner-auth'
import { accessPages } from './access/pages'
import { requireSameOrigin, requireSession } from './access/require-session'
import { submitOnce } from './access/submit-once'
import { bookPages } from './books/pages'
import { ATTEMPT_BYTES, limitStranger, REGISTRATION_BYTES, REPLAY_BYTES } from './books/quota/limit-stranger'
import { chooseLanguage, translator } from './core/languages'
import { EN } from './core/languages/en'
import { MAX_PARTS } from './core/lib/json'
import { firstRunPages } from './dashboard/first-run/pages'
import { keyPages } from './dashboard/keys-pages'
import { overviewPages } from './dashboard/overview/pages'
import { askToLogIn, dashboardPages } from './dashboard/pages'
import { settingsApi } from './dashboard/settings-api'
import { settingsPages } from './dashboard/settings-pages'
import { noteDailyLimit } from './db/daily-limit'
import { embedApi } from './embed/api'
import { embedPages } from './embed/pages'
import { snippetPages } from './embed/snippet-pages'
import { endpointPages } from './endpoints/pages'
import type { HonoEnv } from './env'
import { eventTypePages } from './event-types/pages'
import { feedPages } from './feeds/pages'
import { commentsApi, MAX_COMMENT_BYTES } from './guestbook/api'
import { banPages } from './guestbook/bans-pages'
import { changeApi } from './guestbook/change-api'
import { forgetAfterChange } from './guestbook/known-versions'
import { moderatePages } from './guestbook/moderate-pages'
import { countWaiting } from './guestbook/moderation/count-waiting'
import { moderationPages } from './guestbook/moderation-pages'
import { ownPages } from './guestbook/own-pages'
import { stylePages } from './guestbook/own-style'
import { guestbookPages } from './guestbook/pages'
import { previewPages } from './guestbook/preview-pages'
import { signPages } from './guestbook/sign-pages'
import { allowedMethods } from './http/allowed-methods'
import { openToAllSites } from './http/cors'
import { healthz } from './http/health/healthz'
import { jsonBody } from './http/json-body'
import { apiRouter } from './http/openapi'
import { requirePlainPath } from './http/paths/plain-path'
import { problemResponse, Refusal, toRefusal } from './http/problem'
import { responseHeaders } from './http/security-headers'
import { inspectorPages } from './inbound/inspector/pages'
import { MAX_REPLAY_BYTES } from './inbound/inspector/schemas'
import { removeCopies } from './inbound/messages/copies'
import { hasBodyKey } from './inbound/messages/download'
import { receiveBuiltIn } from './inbound/receive/built-in'
import { receiving } from './inbound/receive/routes'
import { sourcePages } from './inbound/source-admin/pages'
import { providersApi } from './inbound/source-admin/providers-api'
import { MAX_SOURCE_BYTES } from './inbound/sources/schemas'
import { callsOf } from './kit/calls'
import { formsOf } from './kit/forms'
import { logFault } from './log'
import { mcpRoutes } from './mcp/routes'
import { exportApi } from './moving/export-api'
import { importApi } from './moving/import-api'
import { movingPages } from './moving/pages'
import { peopleApi } from './moving/people-api'
import { peoplePages } from './moving/people-pages'
import { endpointDeliveriesPages } from './outbound/endpoint/pages'
import { signaturePages } from './outbound/endpoint/why-signature-pages'
import { connectReceiver } from './outbound/http/built-in-receiver'
import { MAX_MESSAGE_BYTES, messagesApi } from './outbound/messages/api'
import { messagePages } from './outbound/messages/pages'
import { pullApi } from './outbound/pull/api'
import {
  ACCESS,
  BOOKS,
  ENDPOINTS,
  EVENT_TYPES,
  INBOUND,
  MESSAGES,
  OPERATIONS,
  REPLAYS,
  SOURCES,
} from './owner/operations'
import { managePages } from './registration/manage-pages'
import { registrationPages } from './registration/pages'
import { renewPages } from './registration/renew-pages'
import { publicKeysApi } from './signing-keys/api'
import { statsApi } from './stats/api'
import { metricsApi } from './stats/metrics-api'
import { storageApi } from './storage/api'
import { storagePages } from './storage/pages'
import { ErrorPage } from './ui/error-page'
import { renderPage } from './ui/render'
import { webmentionPages } from './webmentions/pages'

const app = apiRouter()

app.use(requestId())
app.use(responseHeaders)
app.use(requirePlainPath)
app.use(forgetAfterChange)

app.use('/api/comments/*', openToAllSites, jsonBody(MAX_COMMENT_BYTES))
app.use('/api/books/*', openToAllSites, jsonBody())
app.route('/api/endpoints', pullApi)
app.use('/api/endpoints/*', requireOwner, jsonBody())
app.use('/api/messages/*', requireOwner, jsonBody(MAX_MESSAGE_BYTES, MAX_PARTS))
app.use('/api/event-types/*', requireOwnerExceptReading('/api/event-types'), jsonBody(undefined, MAX_PARTS))
app.use('/api/signing-keys/*', requireOwner, jsonBody())
app.use('/api/keys/*', requireOwner, jsonBody())
app.use('/api/sessions/*', requireOwner, jsonBody())
app.use('/api/audit/*', requireOwner, jsonBody())
app.use('/api/settings/*', requireOwner, jsonBody())
app.use('/api/storage/*', requireOwner, jsonBody())
app.use('/api/stats/*', requireOwner)
app.use('/api/metrics/*', requireOwner)
app.use('/api/jobs/*', requireOwner, jsonBody())
app.use('/api/sources/*', requireOwner, jsonBody(MAX_SOURCE_BYTES, MAX_PARTS))
app.use('/api/import/*', requireOwner)
app.use('/api/export', requireOwner)
app.use('/api/restore', requireOwner)
app.use('/api/people/*', requireOwner)
app.use('/api/erase', requireOwner, jsonBody())
app.use('/api/inbound/*', requireOwnerUnless(hasBodyKey), jsonBody(MAX_REPLAY_BYTES, MAX_PARTS))
app.route('/in', receiving)
app.route('/api/comments', commentsApi)
app.route('/api/comments', changeApi)
app.route('/', callsOf(BOOKS))
app.route('/api/books', embedApi)
app.route('/', callsOf(ENDPOINTS))
app.route('/', callsOf(REPLAYS))
app.route('/api/messages', messagesApi)
app.route('/', callsOf(MESSAGES))
app.route('/', callsOf(EVENT_TYPES))
app.route('/', callsOf(ACCESS))
app.route('/api/audit', auditApi)
app.route('/api/settings', settingsApi)
app.route('/api/storage', storageApi)
app.route('/api/stats', statsApi)
app.route('/api/metrics', metricsApi)
app.route('/api/providers', providersApi)
app.route('/', callsOf(SOURCES))
app.route('/', callsOf(INBOUND))
app.route('/api/import', importApi)
app.route('/api', exportApi)
app.route('/api', peopleApi)
app.route('/', publicKeysApi)
app.route('/', healthz)
app.route(
  '/mcp',
  mcpRoutes((c, request) => app.request(request, undefined, c.env, c.executionCtx))
)

app.get('/admin/', (c) => c.redirect('/admin', 301))
app.use('/admin/*', requireSameOrigin)
app.route('/admin', dashboardPages)
app.use('/admin/*', requireSession, submitOnce, countWaiting)
app.route('/admin', overviewPages)
app.route('/admin/first-steps', firstRunPages)
app.route('/admin/comments', moderationPages)
app.route('/admin/books', bookPages)
app.route('/admin/books', banPages)
app.route('/admin/books', previewPages)
app.route('/admin/books', snippetPages)
app.route('/admin/endpoints', endpointPages)
app.route('/admin/endpoints', endpointDeliveriesPages)
app.route('/admin/messages', messagePages)
app.route('/admin/signature', signaturePages)
app.route('/admin/sources', sourcePages)
app.route('/admin/inbound', inspectorPages)
app.route('/admin/settings', settingsPages)
app.route('/admin/storage', storagePages)
app.route('/admin/moving', movingPages)
app.route('/admin/moving/people', peoplePages)
app.route('/admin/keys', keyPages)
app.route('/admin/access', accessPages)
app.route('/admin/event-types', eventTypePages)
app.route('/admin', formsOf(OPERATIONS))

app.use('/moderate/*', requireSameOrigin, audited)
app.route('/moderate', moderatePages)

app.use('/webhooks/*', requireSameOrigin)
app.post('/webhooks', limitStranger(REGISTRATION_BYTES))
app.post('/webhooks/manage/:token/test', limitStranger(ATTEMPT_BYTES))
app.post('/webhooks/manage/:token/messages/:id/retry', limitStranger(ATTEMPT_BYTES))
app.post('/webhooks/manage/:token/replay', limitStranger(REPLAY_BYTES))
app.route('/webhooks', registrationPages)
app.route('/webhooks/manage', managePages)
app.route('/webhooks/renew', renewPages)

app.route('/embed', embedPages)

app.route('/', feedPages)
app.route('/', guestbookPages)
app.route('/', signPages)
app.route('/', stylePages)
app.route('/', webmentionPages)
app.use('/comments/*', requireSameOrigin)
app.route('/comments', ownPages)

app.notFound((c) => {
  const allowed = allowedMethods(app, c.req.path)
  if (allowed.length === 0 || allowed.includes(c.req.method)) {
    return refuse(c, new Refusal(404, 'not_found', EN.error_gone))
  }
  const detail = `This address accepts ${allowed.join(', ')}, not ${c.req.method}.`
  return refuse(c, new Refusal(405, 'method_not_allowed', detail, { headers: { Allow: allowed.join(', ') } }))
})

const INTERNAL_ERROR = new Refusal(500, 'internal_error', EN.error_later)

app.onError((cause, c) => {
  noteDailyLimit(c.env, cause, Date.now())
  const refusal = toRefusal(cause) ?? INTERNAL_ERROR
  const isFault = refusal.status >= 500 && !(cause instanceof Refusal)
  if (isFault) {
    logFault('request.fault', cause, {
      request_id: c.get('requestId'),
      method: c.req.method,
      // Management links and source URLs contain tokens.
      path: c.req.path.replace(/(link|hook|in|mod|renew)_[\w.-]{43,}/g, '$1_'),
    })
  }
  return refuse(c, refusal, isFault)
})

/**
 * Responds with problem details for paths that programs use, and with a page for all other paths.
 * @param isLogged whether the log has the request
 */
function refuse(c: Context<HonoEnv>, refusal: Refusal, isLogged = false): Response | Promise<Response> {
  if (/^\/(api|in|mcp|webmention|openapi\.json|healthz|\.well-known)(\/|$)/.test(c.req.path))
    return problemResponse(c, refusal)
  if (refusal.code === 'no_session') return askToLogIn(c, refusal)
  const { path } = c.req
  const logged = isLogged ? c.get('requestId') : null
  const translate = translator(chooseLanguage(c.req.header('Accept-Language')))
  const shown = { refusal, path, logged, translate, isOwner: c.get('actor') !== undefined }
  const headers = { Vary: 'Accept-Language', ...refusal.headers }
  return renderPage(c, <ErrorPage {...shown} />, refusal.status, headers)
}

connectReceiver({ receive: receiveBuiltIn, removeCopies })

// The router is built when it is first used. Built here, it costs CPU time at startup instead of in the first request.
app.router.match('GET', '/')

export default app
