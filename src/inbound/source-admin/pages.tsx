import { type Context, Hono } from 'hono'
import { noteSubject } from '../../access/audit/record'
import { toBase64 } from '../../core/lib/bytes'
import { firstIdAt } from '../../core/lib/ids'
import { isUsable } from '../../core/verifying/keys'
import { findProvider } from '../../core/verifying/providers'
import type { Provider } from '../../core/verifying/scheme'
import { randomBytes } from '../../db/ids'
import { batch } from '../../db/statements'
import type { HonoEnv } from '../../env'
import { expectRefusal, explain, parseFields, readForm, wholeNumber } from '../../http/form'
import { publicOrigin } from '../../http/origin'
import { readCursor, toPage } from '../../http/pagination'
import { notFound, type Refusal } from '../../http/problem'
import { noticeOf } from '../../ui/dashboard'
import { renderForm, renderPage } from '../../ui/render'
import { keptOf, listInbound } from '../messages/queries'
import { processFailed } from '../process/reprocess'
import { sendSample } from '../receive/sample'
import { toSource } from '../sources/cache'
import { textsOf } from '../sources/provider-texts'
import { entryTemplate, type SourceChange, secretRotation, templateOf, toSourceOut } from '../sources/schemas'
import { tryToOpen, UNREADABLE } from '../sources/secrets'
import { listSources, type SourceRow } from '../sources/store'
import { fieldsFrom, newFields, parseNewSource, parseSourceChange, readSourceFields, type SourceFields } from './form'
import {
  changeSource,
  deleteSource,
  planSource,
  refuseIfFull,
  renewAddress,
  requireSource,
  rotateSourceSecret,
} from './manage'
import { SourcePage } from './page-views'
import { type Preview, previewEntry } from './preview'
import { NewSourcePage, ProvidersPage, SECTION, SourcesPage } from './views'

const PAGE_SIZE = 20
const LATEST = 5

/** `/admin/sources`: the services that may send webhooks, and what happens to their messages. */
export const sourcePages = new Hono<HonoEnv>()

sourcePages.get('/', async (c) => {
  const rows = await listSources(c.env, readCursor('src', c.req.query('cursor')), PAGE_SIZE + 1)
  const { data, next } = toPage(rows, PAGE_SIZE)
  const isDeleted = c.req.query('done') === 'deleted'
  const notice = isDeleted ? 'Source deleted. Its URL will stop working within a minute.' : undefined
  return renderPage(c, <SourcesPage sources={data} next={next} notice={notice} now={Date.now()} />)
})

sourcePages.get('/new', async (c) => {
  const slug = c.req.query('provider')
  if (slug === undefined) return renderPage(c, <ProvidersPage />)
  const provider = requireProvider(slug)
  const secret = provider.secret.by === 'owner' ? generateSecret(provider) : ''
  const texts = await textsOf(c.env, provider)
  return renderPage(c, <NewSourcePage provider={provider} texts={texts} fields={newFields(provider, secret)} />)
})

sourcePages.post('/new', async (c) => {
  const form = await readForm(c)
  const provider = requireProvider(form.get('provider') ?? '')
  const fields = readSourceFields(form)
  try {
    const input = parseNewSource(fields, provider.slug)
    const { row, statements } = await planSource(c.env, input, Date.now())
    await refuseIfFull(() => batch(c.env, statements))
    noteSubject(c, row.id)
    return c.redirect(`${SECTION}/${row.id}?done=added&secret=show`, 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    const error = explainFields(refusal)
    const texts = await textsOf(c.env, provider)
    const view = <NewSourcePage provider={provider} texts={texts} fields={fields} error={error} />
    return renderForm(c, view, refusal)
  }
})

/** The form has many fields, so each error names its field. */
function explainFields(refusal: Refusal): string {
  const errors = refusal.errors.map(({ path, message }) => `${labelOf(path)}: ${message}`)
  return errors.join(' ') || explain(refusal)
}

function labelOf(path: string): string {
  return path.replace(/^(options|template)\.?/, '').replaceAll('_', ' ') || 'Template or options'
}

/** @throws Refusal 404 */
function requireProvider(slug: string): Provider {
  const provider = findProvider(slug)
  if (!provider) throw notFound('provider')
  return provider
}

/** Generates letters and digits only, because every provider accepts them. */
function generateSecret({ schemes: [scheme] }: Provider): string {
  const secret = toBase64(randomBytes(30)).replace(/[+/=]/g, 'x')
  const isBasic = scheme?.kind === 'shared-secret' && scheme.format === 'basic'
  return isBasic ? `guesthook:${secret}` : secret
}

const NOTICES = {
  added: 'Source added. Enter these in the settings of the provider, or send a sample.',
  saved: 'Settings saved.',
  secret: 'Secret saved.',
  forgotten: 'Secret removed.',
  url: "URL rotated. The old URL will stop working within a minute. Enter the new URL in the provider's settings.",
  paused: 'Source paused. New messages will be stored, and processed when you resume the source.',
  active: 'Source resumed. Messages received in the meantime are being processed.',
  replayed: 'The failed messages are being reprocessed.',
}
type Done = keyof typeof NOTICES

/** Redirects to a source's page, which then shows a notice. */
function done(c: Context<HonoEnv>, id: string, notice: Done) {
  return c.redirect(`${SECTION}/${id}?done=${notice}`, 303)
}

interface Shown {
  fields?: SourceFields
  preview?: Preview
  refusal?: Refusal
}

async function showSource(c: Context<HonoEnv>, { fields, preview, refusal }: Shown = {}) {
  const now = Date.now()
  const row = await requireSource(c.env, c.req.param('id') ?? '')
  const opened = await tryToOpen(c.env, row)
  const secrets = opened ?? { token: '' }
  const latest = await listInbound(c.env, { source: row.id }, undefined, LATEST)
  const kept = await keptOf(c.env, row.id)
  const shownPreview = preview ?? (await previewStored(c.env, row, now))
  const provider = requireProvider(row.provider)
  const view = (
    <SourcePage
      source={toSourceOut(row, secrets, publicOrigin(c), now)}
      provider={provider}
      texts={await textsOf(c.env, provider)}
      secret={c.req.query('secret') === 'show' ? secrets.current : undefined}
      isUnusable={!(await isUsable(toSource(row).provider, secrets.current))}
      fields={fields ?? fieldsFrom(row)}
      latest={latest.data}
      kept={kept}
      preview={shownPreview}
      notice={noticeOf(NOTICES, c.req.query('done'))}
      error={opened === null ? UNREADABLE : refusal && explainFields(refusal)}
      now={now}
    />
  )
  return renderForm(c, view, refusal)
}

/** What the stored template makes of the latest message, or of a sample; undefined if the source does not sign. */
async function previewStored(env: Env, row: SourceRow, now: number): Promise<Preview | undefined> {
  const template = templateOf(row)
  return row.act === 'sign' && template ? previewEntry(env, row, template, undefined, now) : undefined
}

sourcePages.get('/:id', (c) => showSource(c))

sourcePages.post('/:id', async (c) => {
  const fields = readSourceFields(await readForm(c))
  const id = c.req.param('id')
  try {
    await changeSource(c.env, id, parseSourceChange(fields), Date.now())
    return done(c, id, 'saved')
  } catch (cause) {
    return showSource(c, { fields, refusal: expectRefusal(cause) })
  }
})

/** Receives the settings form when it is submitted with the preview button. Nothing is saved. */
sourcePages.post('/:id/preview', async (c) => {
  const fields = readSourceFields(await readForm(c))
  try {
    const row = await requireSource(c.env, c.req.param('id'))
    const template = parseFields(entryTemplate, {
      name: fields.template_name,
      body: fields.template_body,
      website: fields.template_website,
      when: fields.template_when,
    })
    const preview = await previewEntry(c.env, row, template, undefined, Date.now())
    return await showSource(c, { fields, preview })
  } catch (cause) {
    return showSource(c, { fields, refusal: expectRefusal(cause) })
  }
})

sourcePages.post('/:id/secret', async (c) => {
  const form = await readForm(c)
  const id = c.req.param('id')
  try {
    const input = { secret: form.get('secret') ?? '', grace_seconds: wholeNumber(form.get('grace')) }
    await rotateSourceSecret(c.env, id, parseFields(secretRotation, input), Date.now())
    return done(c, id, 'secret')
  } catch (cause) {
    return showSource(c, { refusal: expectRefusal(cause) })
  }
})

/** Each of these buttons makes one change. */
const CHANGES: [button: string, change: SourceChange, notice: Done][] = [
  ['forget-secret', { secret: null }, 'forgotten'],
  ['pause', { status: 'paused' }, 'paused'],
  ['resume', { status: 'active' }, 'active'],
]
for (const [button, change, notice] of CHANGES) {
  sourcePages.post(`/:id/${button}`, async (c) => {
    const { id } = await changeSource(c.env, c.req.param('id') ?? '', change, Date.now())
    return done(c, id, notice)
  })
}

sourcePages.post('/:id/url', async (c) => {
  const { id } = await renewAddress(c.env, c.req.param('id'), Date.now())
  return done(c, id, 'url')
})

sourcePages.post('/:id/sample', async (c) => {
  const row = await requireSource(c.env, c.req.param('id'))
  try {
    const { id } = await sendSample(c.env, row, { origin: publicOrigin(c) }, Date.now())
    return c.redirect(`/admin/inbound/${id}`, 303)
  } catch (cause) {
    return showSource(c, { refusal: expectRefusal(cause) })
  }
})

sourcePages.post('/:id/replay', async (c) => {
  const now = Date.now()
  const { id } = await requireSource(c.env, c.req.param('id'))
  await processFailed(c.env, id, firstIdAt('in', now + 1), now)
  return done(c, id, 'replayed')
})

sourcePages.post('/:id/delete', async (c) => {
  await deleteSource(c.env, c.req.param('id'), Date.now())
  return c.redirect(`${SECTION}?done=deleted`, 303)
})
