import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../../env'
import { randomBytes } from '../../kit/db/ids'
import { notices } from '../../kit/html/notices'
import { renderForm, renderPage } from '../../kit/html/render'
import { expectRefusal, explainFields, parseFields, readForm } from '../../kit/http/form'
import { publicOrigin } from '../../kit/http/origin'
import { PAGE_SIZE, readCursor, toPage } from '../../kit/http/pagination'
import { orNotFound, type Refusal } from '../../kit/http/problem'
import { toBase64 } from '../../kit/lib/bytes'
import { DASHBOARD } from '../../kit/lib/paths'
import { aSpanOf } from '../../kit/lib/time'
import { readReceiver } from '../endpoints/built-in-receiver'
import { booksOfProgram } from '../program'
import { findRemedy } from '../receive/inspector/remedy'
import { explainRequestReason } from '../receive/messages/explain-reason'
import { keptOf, listInbound } from '../receive/messages/queries'
import { shownRequestStatus, withRecent } from '../receive/messages/recent-requests'
import { isUsable } from '../rules/verifying/keys'
import { findProvider } from '../rules/verifying/providers/index'
import type { Provider } from '../rules/verifying/scheme'
import { SOURCE_CACHE_MS, toSource } from './cache'
import { entryTemplate, partsIn } from './entry-template'
import { SOURCE_FIELDS } from './fields'
import { formOfSource, newSourceForm } from './form'
import { SourcesPage } from './list-views'
import { requireSource } from './manage'
import { findProviders, NewSourcePage, ProvidersPage } from './new-views'
import { SourcePage } from './page-views'
import { previewEntry, type TemplatePreview } from './preview'
import { readProviderTexts, textsOf } from './provider-texts'
import { toSourceOut } from './schemas'
import { tryToOpen, UNREADABLE } from './secrets'
import { findSource, listSources, type SourceRow } from './store'

const NOTICES = notices(DASHBOARD.sources, {
  added: 'Source added. Follow the steps below, or send a sample.',
  saved: 'Settings saved.',
  secret: 'Saved.',
  forgotten: 'Removed.',
  url: `URL rotated. The old URL will stop working within ${aSpanOf(SOURCE_CACHE_MS)}. Enter the new URL in the provider's settings.`,
  paused: 'Source paused. New requests will be stored, and processed when you resume the source.',
  active: 'Source resumed. Requests received in the meantime are being processed.',
  replayed: 'The failed requests are being reprocessed.',
  deleted: `Source deleted. Its URL will stop working within ${aSpanOf(SOURCE_CACHE_MS)}.`,
})

const LATEST = 5

/** `/admin/sources`: the services that may send webhooks. Their forms are in operations.ts. */
export const sourcePages = new Hono<HonoEnv>()

sourcePages.get('/', async (c) => {
  const now = c.get('now')
  const before = readCursor('src', c.req.query('cursor'))
  const [page, leftOut] = await Promise.all([
    listPage(c.env, before, now),
    before === undefined ? findLeftOut(c.env) : null,
  ])
  return renderPage(c, <SourcesPage {...page} {...{ leftOut, now }} />)
})

async function listPage(env: Env, before: string | undefined, now: number) {
  const { data, next } = toPage(await listSources(env, before, PAGE_SIZE + 1, 1), PAGE_SIZE)
  const sources = await withRecent(env, data, now)
  return { sources: sources.toSorted((a, b) => b.failed - a.failed), next }
}

async function findLeftOut(env: Env): Promise<SourceRow | null> {
  const receiver = await readReceiver(env)
  return receiver && findSource(env, receiver.source_id)
}

sourcePages.get('/new', async (c) => {
  const slug = c.req.query('provider')
  if (slug === undefined) return showProviders(c, c.req.query('q') ?? '')
  const provider = requireProvider(slug)
  const secret = provider.secret.by === 'owner' ? generateSecret(provider) : ''
  return showNewSource(c, provider, newSourceForm(provider, secret))
})

/** Somebody who searches for the name of one provider has chosen it. */
async function showProviders(c: Context<HonoEnv>, query: string): Promise<Response> {
  const texts = await readProviderTexts(c.env)
  const found = findProviders(query, texts)
  const [only, ...others] = found
  if (only && others.length === 0) return c.redirect(`${DASHBOARD.sources}/new?provider=${only.slug}`, 303)
  return renderPage(c, <ProvidersPage {...{ query, texts, found }} />)
}

/** Shows the form for a new source again, as it was sent. */
export function showNewSourceAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams) {
  return showNewSource(c, requireProvider(form.get('provider') ?? ''), form, refusal)
}

async function showNewSource(c: Context<HonoEnv>, provider: Provider, form: URLSearchParams, refusal?: Refusal) {
  const [texts, books] = await Promise.all([textsOf(c.env, provider), booksOfProgram(c.env)])
  const error = refusal && explainWithFields(refusal)
  return renderForm(c, <NewSourcePage {...{ provider, texts, form, books, error }} />, refusal)
}

/** The form has many fields, so each error names its field. */
function explainWithFields(refusal: Refusal): string {
  const errors = refusal.errors.map(({ path, message }) => `${labelOf(path)}: ${message}`)
  return errors.join(' ') || explainFields(refusal)
}

function labelOf(path: string): string {
  return path
    .replace(/^options\./, '')
    .replace('template.body', 'template text')
    .replaceAll(/[._]/g, ' ')
}

/** @throws Refusal 404 */
const requireProvider = (slug: string): Provider => orNotFound(findProvider(slug), 'provider')

/** Generates letters and digits only, because every provider accepts them. */
function generateSecret({ schemes: [scheme] }: Provider): string {
  const secret = toBase64(randomBytes(30)).replace(/[+/=]/g, 'x')
  const isBasic = scheme?.kind === 'shared-secret' && scheme.format === 'basic'
  return isBasic ? `guesthook:${secret}` : secret
}

/** @returns the path of a source's page, which then shows a notice */
export const sourceDonePath = (id: string, notice: keyof typeof NOTICES): string =>
  `${DASHBOARD.sources}/${id}?done=${notice}`

type Shown = { form?: URLSearchParams; preview?: TemplatePreview; refusal?: Refusal }

async function showSource(c: Context<HonoEnv>, { form, preview, refusal }: Shown = {}) {
  const now = c.get('now')
  const row = await requireSource(c.env, c.req.param('id') ?? '')
  const opened = await tryToOpen(c.env, row)
  const secrets = opened ?? { token: '' }
  const [latest, [recent], kept, books] = await Promise.all([
    listInbound(c.env, { source: row.id }, undefined, LATEST),
    withRecent(c.env, [row], now),
    keptOf(c.env, row.id),
    booksOfProgram(c.env),
  ])
  const last = latest.data.find(({ status, is_sample }) => status === 'failed' && is_sample === 0)
  const isFailing = opened !== null && shownRequestStatus(row, recent) === 'failing'
  const remedy = isFailing && last ? await findRemedy(c.env, last) : null
  const shownPreview = preview ?? (opened ? await previewStored(c.env, row, now) : undefined)
  const provider = requireProvider(row.provider)
  const why =
    remedy && last?.reason ? { id: last.id, text: await explainRequestReason(c.env, last.reason, provider) } : null
  const view = (
    <SourcePage
      source={toSourceOut(row, secrets, publicOrigin(c), now)}
      provider={provider}
      texts={await textsOf(c.env, provider)}
      secret={c.req.query('secret') === 'show' ? secrets.current : undefined}
      isUnusable={!(await isUsable(toSource(row).provider, secrets.current))}
      form={form ?? formOfSource(row)}
      latest={latest.data}
      {...{ recent, kept, books, remedy, why }}
      preview={shownPreview}
      error={opened === null ? UNREADABLE : refusal && explainWithFields(refusal)}
      now={now}
    />
  )
  return renderForm(c, view, refusal)
}

/** What the stored template makes of the latest message, or of a sample; undefined if the source does not sign. */
async function previewStored(env: Env, row: SourceRow, now: number): Promise<TemplatePreview | undefined> {
  const template = SOURCE_FIELDS.valueIn(row, 'template')
  return row.act === 'sign' && template ? previewEntry(env, row, template, undefined, now) : undefined
}

sourcePages.get('/:id', (c) => showSource(c))

/** Shows the page of the source again, with the reason why something was refused. */
export const showSourceAgain = (c: Context<HonoEnv>, refusal: Refusal): Promise<Response> => showSource(c, { refusal })

/** Like `showSourceAgain`, with the settings as they were sent. */
export function showSettingsAgain(c: Context<HonoEnv>, refusal: Refusal, form: URLSearchParams): Promise<Response> {
  return showSource(c, { form, refusal })
}

/** Receives the settings form when it is submitted with the preview button. Nothing is saved. */
sourcePages.post('/:id/preview', async (c) => {
  const form = await readForm(c)
  try {
    const row = await requireSource(c.env, c.req.param('id'))
    const { book: _, ...parts } = partsIn(form, 'template')
    const { template } = parseFields(z.object({ template: entryTemplate }), { template: parts })
    const preview = await previewEntry(c.env, row, template, undefined, c.get('now'))
    return await showSource(c, { form, preview })
  } catch (cause) {
    return showSource(c, { form, refusal: expectRefusal(cause) })
  }
})
