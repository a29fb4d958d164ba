import { notFound } from '../../kit/http/problem'
import { KEPT_BYTES } from '../receive/messages/bodies'
import { requireInbound } from '../receive/messages/load'
import { listInbound } from '../receive/messages/queries'
import { scopeOf } from '../receive/process/handling'
import { renderForOwnAct } from '../receive/process/program-act'
import { judgeInbound } from '../receive/process/verify-message'
import type { TemplateScope } from '../rules/templates/values'
import { readContent } from '../rules/verifying/request'
import { writeSample } from '../rules/verifying/sample'
import type { EntryTemplate } from './entry-template'
import { textsOf } from './provider-texts'
import type { SourceRow } from './store'

export interface TemplatePreview {
  /** Whether the condition of the template is true. If not, a request creates no entry. */
  holds: boolean
  name: string | null
  body: string | null
  website: string | null
  errors: string[]
  /** The message that the template was applied to, or null for the provider's sample. */
  inbound_id: string | null
}

/**
 * Renders a template, and does nothing with the entry. @param inboundId a message of the source. By default the latest
 * one that is whole and not long, or the provider's sample if there is none; null for the sample @throws Refusal 404
 */
export async function previewEntry(
  env: Env,
  row: SourceRow,
  template: EntryTemplate,
  inboundId: string | null | undefined,
  now: number
): Promise<TemplatePreview> {
  const inbound_id = inboundId === undefined ? await findLatest(env, row.id) : inboundId
  const scope = await (inbound_id === null ? sampleScope(env, row, now) : storedScope(env, row, inbound_id))
  const entry = renderForOwnAct(template, scope)
  const blank = { name: null, body: null, website: null, inbound_id }
  if (!entry.ok) return { ...blank, holds: true, errors: [entry.error] }
  if (entry.value === null) return { ...blank, holds: false, errors: [] }
  return { ...entry.value, holds: true, inbound_id }
}

/** How many of the latest requests are looked at. */
const LOOKED_AT = 10
/** A longer body takes too long for each view of a page. */
const MAX_BYTES = 64 * 1_024

/** Of a request that failed, perhaps only the beginning is kept. */
async function findLatest(env: Env, source_id: string): Promise<string | null> {
  const { data } = await listInbound(env, { source: source_id }, undefined, LOOKED_AT)
  const isUseful = ({ size, status }: (typeof data)[number]) => size <= (status === 'failed' ? KEPT_BYTES : MAX_BYTES)
  return data.find(isUseful)?.id ?? null
}

async function storedScope(env: Env, row: SourceRow, id: string): Promise<TemplateScope> {
  const loaded = await requireInbound(env, id)
  if (loaded.row.source_id !== row.id) throw notFound('request from this source')
  return scopeOf(loaded, await judgeInbound(env, loaded))
}

async function sampleScope(env: Env, row: SourceRow, now: number): Promise<TemplateScope> {
  const request = await writeSample({
    provider: { schemes: [{ kind: 'unsigned' }] },
    sample: (await textsOf(env, { slug: row.provider })).sample,
    address: '',
    query: '',
    secret: '',
    now,
    unique: 'sample',
  })
  const header = Object.fromEntries(request.headers)
  const known = { provider: row.provider, source: row.name, verified: true, header }
  return { content: readContent(request), known }
}
