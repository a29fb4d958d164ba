import { forOwner, type RenderedEntry, renderEntry } from '../../guestbook/for-webhooks/sign-act'
import { judgeComment } from '../../guestbook/rules/entries/comment-policy'
import { notFound } from '../../kit/http/problem'
import { KEPT_BYTES } from '../../webhooks/receive/messages/bodies'
import { requireInbound } from '../../webhooks/receive/messages/load'
import { listInbound } from '../../webhooks/receive/messages/queries'
import { scopeOf } from '../../webhooks/receive/process/handling'
import { judgeInbound } from '../../webhooks/receive/process/verify-message'
import type { TemplateScope } from '../../webhooks/rules/templates/values'
import { readContent } from '../../webhooks/rules/verifying/request'
import { writeSample } from '../../webhooks/rules/verifying/sample'
import type { EntryTemplate } from '../../webhooks/sources/entry-template'
import { textsOf } from '../../webhooks/sources/provider-texts'
import type { SourceRow } from '../../webhooks/sources/store'

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
 * Renders a template without signing the guestbook. @param inboundId a message of the source. By default the latest
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
  const entry = renderEntry(template, scope)
  const blank = { name: null, body: null, website: null, inbound_id }
  if (!entry.ok) return { ...blank, holds: true, errors: [entry.error] }
  if (entry.value === null) return { ...blank, holds: false, errors: [] }
  return { ...entry.value, holds: true, errors: errorsOf(entry.value), inbound_id }
}

function errorsOf(entry: RenderedEntry): string[] {
  const judged = judgeComment(entry)
  return judged.ok ? [] : judged.error.map(({ message }) => forOwner(message))
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
