import { type Context, Hono } from 'hono'
import { toBase64 } from '../../core/lib/bytes'
import { firstIdAt } from '../../core/lib/ids'
import { isUsable } from '../../core/verifying/keys'
import { findProvider } from '../../core/verifying/providers'
import type { Provider } from '../../core/verifying/scheme'
import { randomBytes } from '../../db/ids'
import type { HonoEnv } from '../../env'
import { expectRefusal, explain, parseFields, readForm } from '../../http/form'
import { publicOrigin } from '../../http/origin'
import { readCursor, toPage } from '../../http/pagination'
import { notFound, type Refusal } from '../../http/problem'
import { renderPage } from '../../ui/render'
import { keptOf, listInbound } from '../messages/queries'
import { processFailed } from '../process/reprocess'
import { sendSample } from '../receive/sample'
import { toSource } from '../sources/cache'
import { entryTemplate, secretRotation, toSourceOut } from '../sources/schemas'
import { tryToOpen, UNREADABLE } from '../sources/secrets'
import { listSources } from '../sources/store'
import {
  fieldsFrom,
  newFields,
  parseNewSource,
  parseSourceChange,
  readSourceFields,
  type SourceFields,
} from './form'
import {
  changeSource,
  deleteSource,
  planSource,
  renewAddress,
  requireSource,
  rotateSourceSecret,
} from './manage'
import { SourcePage } from './page-views'
import { type Preview, previewEntry } from './preview'
import { NewSourcePage, ProvidersPage, SourcesPage } from './views'

const PAGE_SIZE = 20
const LATEST = 5

/** `/admin/sources`: whom webhooks are taken from, and what is done with them. */
export const sourcePages = new Hono<HonoEnv>()

sourcePages.get('/', async (c) => {
  const rows = await listSources(c.env, readCursor('src', c.req.query('cursor')), PAGE_SIZE + 1)
  const { data, next } = toPage(rows, PAGE_SIZE, (row) => row.id)
  const notice =
    c.req.query('done') === 'deleted' ? 'Deleted. Its address is dead within a minute.' : undefined
  return renderPage(c, <SourcesPage sources={data} next={next} notice={notice} now={Date.now()} />)
})

sourcePages.get('/new', (c) => {
  const slug = c.req.query('provider')
  if (slug === undefined) return renderPage(c, <ProvidersPage />)
  const provider = requireProvider(slug)
  const secret = provider.secret.by === 'owner' ? madeUpSecret(provider) : ''
  return renderPage(c, <NewSourcePage provider={provider} fields={newFields(provider, secret)} />)
})

sourcePages.post('/new', async (c) => {
  const form = await readForm(c)
  const provider = requireProvider(form.get('provider') ?? '')
  const fields = readSourceFields(form)
  try {
    const { row, statements } = await planSource(
      c.env,
      parseNewSource(fields, provider.slug),
      Date.now()
    )
    await c.env.DB.batch(statements)
    return c.redirect(`/admin/sources/${row.id}?done=added`, 303)
  } catch (cause) {
    const refusal = expectRefusal(cause)
    const view = (
      <NewSourcePage provider={provider} fields={fields} error={explainFields(refusal)} />
    )
    return renderPage(c, view, refusal.status)
  }
})

/** There are many fields: what is wrong says with which. */
function explainFields(refusal: Refusal): string {
  const told = refusal.errors.map(({ path, message }) => `${labelOf(path)}: ${message}`)
  return told.join(' ') || explain(refusal)
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

/** Letters and digits, which every provider takes. */
function madeUpSecret({ schemes: [scheme] }: Provider): string {
  const secret = toBase64(randomBytes(30)).replace(/[+/=]/g, 'x')
  const isBasic = scheme?.kind === 'shared-secret' && scheme.format === 'basic'
  return isBasic ? `guesthook:${secret}` : secret
}

const DONE: Record<string, string> = {
  added: 'Added. Now give its address to the provider, or try it with a sample.',
  saved: 'Saved.',
  secret: 'Saved: that is the secret now.',
  forgotten: 'The secret was removed.',
  url: 'It has another address now; the old one is dead within a minute.',
  paused: 'Paused. What comes is kept, and processed when you resume.',
  active: 'Resumed. What was kept meanwhile is being processed.',
  replayed: 'What had failed is being processed again.',
}

interface Shown {
  fields?: SourceFields | undefined
  preview?: Preview | undefined
  refusal?: Refusal | undefined
}

async function showSource(c: Context<HonoEnv>, { fields, preview, refusal }: Shown = {}) {
  const now = Date.now()
  const row = await requireSource(c.env, c.req.param('id') ?? '')
  const opened = await tryToOpen(c.env, row)
  const secrets = opened ?? { token: '' }
  const latest = await listInbound(c.env, { source: row.id }, undefined, LATEST)
  const kept = await keptOf(c.env, row.id)
  const view = (
    <SourcePage
      source={toSourceOut(row, secrets, publicOrigin(c), now)}
      provider={requireProvider(row.provider)}
      secret={c.req.query('secret') === 'show' ? secrets.current : undefined}
      isUnusable={!(await isUsable(toSource(row).provider, secrets.current))}
      fields={fields ?? fieldsFrom(row)}
      latest={latest.data}
      kept={kept}
      preview={preview}
      notice={DONE[c.req.query('done') ?? '']}
      error={opened === null ? UNREADABLE : refusal && explainFields(refusal)}
      now={now}
    />
  )
  return renderPage(c, view, refusal?.status ?? 200)
}

sourcePages.get('/:id', (c) => showSource(c))

sourcePages.post('/:id', async (c) => {
  const fields = readSourceFields(await readForm(c))
  const id = c.req.param('id')
  try {
    await changeSource(c.env, id, parseSourceChange(fields), Date.now())
    return c.redirect(`/admin/sources/${id}?done=saved`, 303)
  } catch (cause) {
    return showSource(c, { fields, refusal: expectRefusal(cause) })
  }
})

/** The same form, with another button: nothing is saved. */
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
    const input = { secret: form.get('secret') ?? '', grace_seconds: Number(form.get('grace')) }
    await rotateSourceSecret(c.env, id, parseFields(secretRotation, input), Date.now())
    return c.redirect(`/admin/sources/${id}?done=secret`, 303)
  } catch (cause) {
    return showSource(c, { refusal: expectRefusal(cause) })
  }
})

sourcePages.post('/:id/forget-secret', async (c) => {
  await changeSource(c.env, c.req.param('id'), { secret: null }, Date.now())
  return c.redirect(`/admin/sources/${c.req.param('id')}?done=forgotten`, 303)
})

sourcePages.post('/:id/url', async (c) => {
  await renewAddress(c.env, c.req.param('id'), Date.now())
  return c.redirect(`/admin/sources/${c.req.param('id')}?done=url`, 303)
})

sourcePages.post('/:id/pause', async (c) => {
  await changeSource(c.env, c.req.param('id'), { status: 'paused' }, Date.now())
  return c.redirect(`/admin/sources/${c.req.param('id')}?done=paused`, 303)
})

sourcePages.post('/:id/resume', async (c) => {
  await changeSource(c.env, c.req.param('id'), { status: 'active' }, Date.now())
  return c.redirect(`/admin/sources/${c.req.param('id')}?done=active`, 303)
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
  return c.redirect(`/admin/sources/${id}?done=replayed`, 303)
})

sourcePages.post('/:id/delete', async (c) => {
  await deleteSource(c.env, c.req.param('id'), Date.now())
  return c.redirect('/admin/sources?done=deleted', 303)
})
