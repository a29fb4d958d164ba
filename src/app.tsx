import { requestId } from 'hono/request-id'
import { TrieRouter } from 'hono/router/trie-router'
import { auditApi } from './access/audit/api'
import { audited } from './access/audit/record'
import { requireOwner, requireOwnerExceptReading, requireOwnerUnless } from './access/owner-auth'
import { accessPages } from './access/pages'
import { requireSameOrigin, requireSession } from './access/require-session'
import { submitOnce } from './access/submit-once'
import { commentsApi, MAX_COMMENT_BYTES } from './guestbook/api'
import { forgetAfterChange } from './guestbook/books/cache'
import { bookPages } from './guestbook/books/pages'
import { limitStranger } from './guestbook/books/quota/limit-stranger'
import { embedApi } from './guestbook/embed/api'
import { embedPages } from './guestbook/embed/pages'
import { feedPages } from './guestbook/feeds/pages'
import { connectGuestbook } from './guestbook/for-webhooks/connect'
import { allBansPages, banPages } from './guestbook/moderation/ban-pages'
import { countWaiting } from './guestbook/moderation/count-waiting'
import { moderatePages } from './guestbook/moderation/link-pages'
import { moderationPages } from './guestbook/moderation/queue-pages'
import { ownChangesApi } from './guestbook/own-changes/api'
import { ownPages } from './guestbook/own-changes/pages'
import { MAX_PICTURE_BODY_BYTES } from './guestbook/pictures/manage'
import { pictureFiles, picturePages } from './guestbook/pictures/pages'
import { stylePages } from './guestbook/reading/book-style'
import { guestbookPages } from './guestbook/reading/pages'
import { EN } from './guestbook/rules/languages/en'
import { signPages } from './guestbook/signing/pages'
import { previewPages } from './guestbook/signing/preview-pages'
import { webmentionPages } from './guestbook/webmentions/pages'
import { callsOf } from './kit/calls'
import { timed } from './kit/context'
import { noteDailyLimit } from './kit/db/daily-limit'
import { formsOf, managedFormsOf } from './kit/forms'
import { allowedMethods } from './kit/http/allowed-methods'
import { openToAllSites } from './kit/http/cors'
import { jsonBody, requireExactNumbers } from './kit/http/json-body'
import { nothingHere, requirePlainPath } from './kit/http/paths/plain-path'
import { Refusal, toRefusal } from './kit/http/problem'
import { ApiRouter } from './kit/http/router'
import { responseHeaders } from './kit/http/security-headers'
import { MAX_PARTS } from './kit/lib/json'
import { DASHBOARD } from './kit/lib/paths'
import { logFault } from './log'
import { auditPages } from './owner/audit/pages'
import { firstRunPages } from './owner/dashboard/first-run/pages'
import { keyPages } from './owner/dashboard/keys-pages'
import { overviewPages } from './owner/dashboard/overview/pages'
import { dashboardPages } from './owner/dashboard/pages'
import { settingsPages } from './owner/dashboard/settings-pages'
import { systemPages } from './owner/dashboard/system-pages'
import { mcpRoutes } from './owner/mcp/routes'
import { exportApi } from './owner/moving/export-api'
import { importApi } from './owner/moving/import-api'
import { movingPages } from './owner/moving/pages'
import { peopleApi } from './owner/moving/people-api'
import { peoplePages } from './owner/moving/people-pages'
import * as operations from './owner/operations'
import { healthz } from './owner/self-check/healthz'
import { metricsApi } from './owner/stats/metrics-api'
import { recentAttempts } from './owner/stats/recent-attempts'
import { storagePages } from './owner/storage/pages'
import { refuse } from './refuse'
import { endpointPages } from './webhooks/endpoints/pages'
import { signaturePages } from './webhooks/endpoints/signature-pages'
import { eventTypePages } from './webhooks/event-types/pages'
import { receiveBuiltIn } from './webhooks/receive/accept/built-in'
import { receiving } from './webhooks/receive/accept/routes'
import { inspectorPages } from './webhooks/receive/inspector/pages'
import { MAX_REPLAY_BYTES } from './webhooks/receive/inspector/schemas'
import { hasBodyKey } from './webhooks/receive/messages/download'
import { managePages } from './webhooks/registration/manage-pages'
import { registrationPages, showRegistrationAgain } from './webhooks/registration/pages'
import { renewPages } from './webhooks/registration/renew-pages'
import { requireIntegrator } from './webhooks/registration/show-managed'
import { connectReceiver } from './webhooks/send/http/built-in-receiver'
import { MAX_MESSAGE_BYTES, messagesApi } from './webhooks/send/messages/api'
import { messagePages } from './webhooks/send/messages/pages'
import { pullApi } from './webhooks/send/pull/api'
import { publicKeysApi } from './webhooks/signing-keys/api'
import { sourcePages } from './webhooks/sources/pages'
import { providersApi } from './webhooks/sources/providers-api'
import { MAX_SOURCE_BYTES } from './webhooks/sources/schemas'

/** This router takes all our routes. By default, Hono first tries one that does not, such as `/b/:slug` after `/b/main`. */
const app = new ApiRouter({ router: new TrieRouter() })

app.use(timed(() => Date.now()))
app.use(requestId())
app.use(responseHeaders)
app.use(requirePlainPath)
app.use(forgetAfterChange)

app.use('/api/comments/*', openToAllSites, jsonBody(MAX_COMMENT_BYTES))
app.use('/api/books/*', openToAllSites)
app.use('/api/books/:slug/pictures', jsonBody(MAX_PICTURE_BODY_BYTES))
app.use('/api/books/*', jsonBody())
app.route('/api/endpoints', pullApi)
app.use('/api/endpoints/*', requireOwner, jsonBody())
app.use('/api/endpoints/preview', requireExactNumbers)
app.use('/api/messages/*', requireOwner, jsonBody(MAX_MESSAGE_BYTES, MAX_PARTS))
app.use('/api/event-types/*', requireOwnerExceptReading('/api/event-types'), jsonBody(undefined, MAX_PARTS))
app.use('/api/event-types/*', requireExactNumbers)
for (const name of ['signing-keys', 'keys', 'sessions', 'audit', 'settings', 'storage', 'jobs', 'deliveries'])
  app.use(`/api/${name}/*`, requireOwner, jsonBody())
app.use('/api/sources/*', requireOwner, jsonBody(MAX_SOURCE_BYTES, MAX_PARTS))
for (const name of ['stats', 'metrics', 'import', 'people']) app.use(`/api/${name}/*`, requireOwner)
app.use('/api/export', requireOwner)
app.use('/api/restore', requireOwner)
app.use('/api/erase', requireOwner, jsonBody())
app.use('/api/inbound/*', requireOwnerUnless(hasBodyKey), jsonBody(MAX_REPLAY_BYTES, MAX_PARTS))
app.route('/in', receiving)
app.route('/api/comments', commentsApi)
app.route('/api/comments', ownChangesApi)
app.route('/', callsOf(operations.ENTRIES))
app.route('/', callsOf(operations.BOOKS, requireOwner))
app.route('/api/books', embedApi)
app.route('/', callsOf(operations.ENDPOINTS))
app.route('/', callsOf(operations.REPLAYS))
app.route('/api/messages', messagesApi)
app.route('/', callsOf(operations.MESSAGES))
app.route('/', callsOf(operations.EVENT_TYPE_OPERATIONS))
app.route('/', callsOf(operations.ACCESS))
app.route('/api/audit', auditApi)
app.route('/', callsOf(operations.SETTINGS_OPERATIONS))
app.route('/api/metrics', metricsApi)
app.route('/api/providers', providersApi)
app.route('/', callsOf(operations.SOURCES))
app.route('/', callsOf(operations.INBOUND))
app.route('/api/import', importApi)
app.route('/', callsOf(operations.IMPORTS))
app.route('/api', exportApi)
app.route('/api', peopleApi)
app.route('/', publicKeysApi)
app.route('/', healthz)
app.route(
  '/mcp',
  mcpRoutes((c, request) => app.request(request, undefined, c.env, c.executionCtx))
)

app.get(`${DASHBOARD.overview}/`, (c) => c.redirect(DASHBOARD.overview, 301))
app.use(`${DASHBOARD.overview}/*`, requireSameOrigin)
app.route(DASHBOARD.overview, dashboardPages)
app.use(`${DASHBOARD.overview}/*`, requireSession, submitOnce, countWaiting)
app.route(DASHBOARD.overview, overviewPages)
app.route(DASHBOARD.firstSteps, firstRunPages)
app.route(DASHBOARD.entries, moderationPages)
app.route(DASHBOARD.books, bookPages)
app.route(DASHBOARD.books, banPages)
app.route(DASHBOARD.bans, allBansPages)
app.route(DASHBOARD.books, picturePages)
app.route(DASHBOARD.books, previewPages)
app.use(`${DASHBOARD.endpoints}/:id?`, recentAttempts)
app.route(DASHBOARD.endpoints, endpointPages)
app.route(DASHBOARD.messages, messagePages)
app.route(DASHBOARD.signature, signaturePages)
app.route(DASHBOARD.sources, sourcePages)
app.route(DASHBOARD.requests, inspectorPages)
app.route(DASHBOARD.settings, settingsPages)
app.route(DASHBOARD.storage, storagePages)
app.route(DASHBOARD.system, systemPages)
app.route(DASHBOARD.moving, movingPages)
app.route(DASHBOARD.people, peoplePages)
app.route(DASHBOARD.signingKeys, keyPages)
app.route(DASHBOARD.access, accessPages)
app.route(DASHBOARD.auditLog, auditPages)
app.route(DASHBOARD.eventTypes, eventTypePages)
app.route(DASHBOARD.overview, formsOf(operations.OPERATIONS))

app.use('/moderate/*', requireSameOrigin, audited)
app.route('/moderate', moderatePages)

app.use('/webhooks/*', requireSameOrigin)
app.post('/webhooks', limitStranger('registrations', showRegistrationAgain))
app.route('/webhooks', registrationPages)
app.route('/webhooks/manage', managePages)
app.route('/webhooks/manage', managedFormsOf(operations.OPERATIONS, requireIntegrator, limitStranger))
app.route('/webhooks/renew', renewPages)
app.route('/embed', embedPages)

app.route('/', feedPages)
app.route('/', guestbookPages)
app.route('/', signPages)
app.route('/', stylePages)
app.route('/', pictureFiles)
app.route('/', webmentionPages)
app.use('/comments/*', requireSameOrigin)
app.route('/comments', ownPages)

app.notFound((c) => {
  const allowed = allowedMethods(app, c.req.path)
  if (allowed.length === 0 || allowed.includes(c.req.method)) {
    return refuse(c, nothingHere())
  }
  const detail = `This address accepts ${allowed.join(', ')}, not ${c.req.method}.`
  return refuse(c, new Refusal(405, 'method_not_allowed', detail, { headers: { Allow: allowed.join(', ') } }))
})

const INTERNAL_ERROR = new Refusal(500, 'internal_error', EN.error_later)

app.onError((cause, c) => {
  noteDailyLimit(c.env, cause, c.get('now'))
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

connectGuestbook()
connectReceiver({ receive: receiveBuiltIn })

// The router is built when it is first used. Built here, it costs CPU time at startup instead of in the first request.
app.router.match('GET', '/')

export default app
