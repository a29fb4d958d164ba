import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { HonoEnv } from '../../../env'
import { contextOf } from '../../../kit/context'
import { notices } from '../../../kit/html/notices'
import { renderForm, renderPage, renderRows } from '../../../kit/html/render'
import { readFlash, withFlashIfShort } from '../../../kit/http/flash'
import { expectRefusal, parseFields, readForm, readPairs } from '../../../kit/http/form'
import { publicOrigin } from '../../../kit/http/origin'
import { PAGE_SIZE, readCursor } from '../../../kit/http/pagination'
import type { Refusal } from '../../../kit/http/problem'
import { DASHBOARD } from '../../../kit/lib/paths'
import { readReceiver } from '../../endpoints/built-in-receiver'
import { listSources } from '../../sources/store'
import { bodyResponse } from '../messages/download'
import { explainRequestReason } from '../messages/explain-reason'
import { requireInbound } from '../messages/load'
import { listInbound } from '../messages/queries'
import { compareRequests } from './compare'
import { ComparePage } from './compare-views'
import { DetailPage } from './detail-views'
import { explainInbound } from './explain'
import { readFilter } from './filter'
import { readDestinations, rememberDestination, sendStored } from './forward'
import { harResponse } from './har'
import { type Edited, edited, MAX_REPLAY_BYTES, replayIn, type SentOut, sentOut } from './schemas'
import { InboundRows, InspectorPage } from './views'

notices(DASHBOARD.requests, {
  removed: 'Request deleted.',
  replayed: 'Reprocessed. See the log for the result.',
  waiting: 'The source is paused. This request will be processed when you resume the source.',
})

/** How many of the newest sources the filter offers. */
const MAX_SOURCES = 100

/** `/admin/inbound`: the received messages. */
export const inspectorPages = new Hono<HonoEnv>()

inspectorPages.get('/', async (c) => {
  const now = c.get('now')
  const typed = readFilter(new URL(c.req.url).searchParams, now)
  const before = readCursor('in', c.req.query('cursor'))
  const list = listInbound(c.env, typed.filter, before, PAGE_SIZE)
  // An open page asks for its rows again and again.
  if (c.req.query('part') === 'rows') return renderRows(c, <InboundRows rows={(await list).data} now={now} />)
  const [page, sources, receiver] = await Promise.all([
    list,
    listSources(c.env, undefined, MAX_SOURCES),
    readReceiver(c.env),
  ])
  return renderPage(c, <InspectorPage {...{ page, typed, sources, receiver, now }} />)
})

type Shown = { refusal?: Refusal | undefined; sent?: SentOut | undefined; edited?: Edited | undefined }

async function showDetail(c: Context<HonoEnv>, id: string, shown: Shown = {}) {
  const loaded = await requireInbound(c.env, id)
  const { row, source, whyIncomplete } = loaded
  const [explanation, why, whyCut, destinations, earlier] = await Promise.all([
    explainInbound(c.env, loaded),
    row.reason && explainRequestReason(c.env, row.reason, source.provider),
    whyIncomplete && explainRequestReason(c.env, whyIncomplete),
    readDestinations(c.env),
    listInbound(c.env, { source: row.source_id }, id, 1),
  ])
  const { refusal, ...rest } = shown
  const view = (
    <DetailPage
      {...{ loaded, why, whyCut }}
      origin={publicOrigin(c)}
      explanation={explanation}
      destinations={destinations}
      earlier={earlier.data[0]?.id ?? null}
      now={c.get('now')}
      {...rest}
    />
  )
  return renderForm(c, view, refusal)
}

/** What is shown once, after a redirect. */
const FLASH = z.object({ sent: sentOut, edited })

inspectorPages.get('/:id', async (c) => {
  const flash = await readFlash(c, FLASH)
  return showDetail(c, c.req.param('id'), flash ?? {})
})

/** The stored request as an HTTP Archive. */
inspectorPages.get('/:id/har', async (c) => harResponse(c, await requireInbound(c.env, c.req.param('id'))))

inspectorPages.get('/:id/compare', async (c) => {
  const ids = [c.req.query('with') ?? '', c.req.param('id')].toSorted()
  const [before, after] = await Promise.all([requireInbound(c.env, ids[0] ?? ''), requireInbound(c.env, ids[1] ?? '')])
  const comparison = compareRequests(before, after)
  return renderPage(c, <ComparePage {...{ before, after, comparison }} now={c.get('now')} />)
})

inspectorPages.get('/:id/body', (c) => bodyResponse(c, c.req.param('id')))

/** Shows the request again, with the reason why it was not processed again. */
export function showDetailAgain(c: Context<HonoEnv>, refusal: Refusal): Promise<Response> {
  return showDetail(c, c.req.param('id') ?? '', { refusal })
}

/** Redirects to the result. If it is too long for a URL, the response shows it, and browsers warn before a reload. */
inspectorPages.post('/:id/send', async (c) => {
  const id = c.req.param('id')
  const typed = readEdited(await readForm(c, MAX_REPLAY_BYTES))
  try {
    const input = { ...parseFields(replayIn, toInput(typed)), to: typed.to }
    const result = { sent: await sendStored(contextOf(c), id, input), edited: typed }
    await rememberDestination(c.env, typed.to)
    const path = await withFlashIfShort(c.env, `${DASHBOARD.requests}/${id}`, result, c.get('now'))
    return path === null ? await showDetail(c, id, result) : c.redirect(`${path}#send`, 303)
  } catch (cause) {
    return showDetail(c, id, { refusal: expectRefusal(cause), edited: typed })
  }
})

function readEdited(form: URLSearchParams): Edited {
  return {
    to: (form.get('to') ?? '').trim(),
    method: form.get('method') ?? 'POST',
    headers: form.get('headers') ?? '',
    body: form.get('body'),
    isEdited: form.get('edited') === 'on',
    credentials: form.get('credentials') === 'on',
  }
}

/** Ignores the text fields unless the request was edited: browsers change line breaks, so the body would differ. */
function toInput({ to, method, headers, body, isEdited, credentials }: Edited) {
  if (!isEdited) return { to, credentials }
  return { to, method, headers: readPairs(headers, 'headers', explainHeader), ...(body !== null && { body }) }
}

function explainHeader(line: string): string {
  return `"${line}" is not a header. Write one header per line, as "Name: value".`
}
