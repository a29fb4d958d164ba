import { judgeComment } from '../../core/guestbook/comment-policy'
import type { Scope } from '../../core/guestbook/template'
import { type Content, readContent } from '../../core/verifying/request'
import { writeSample } from '../../core/verifying/sample'
import { notFound } from '../../http/problem'
import { requireInbound } from '../messages/load'
import { listInbound } from '../messages/queries'
import { type Entry, forOwner, renderEntry, scopeOf } from '../process/act'
import { judgeInbound } from '../process/verify-message'
import { toSource } from '../sources/cache'
import type { EntryTemplate } from '../sources/schemas'
import type { SourceRow } from '../sources/store'

export interface Preview {
  holds: boolean
  name: string | null
  body: string | null
  website: string | null
  errors: string[]
  /** What it was tried with; null for the provider's sample. */
  inbound_id: string | null
}

/**
 * What a template would give, without signing anything.
 * @param inboundId a message of that source; when undefined, the latest, or the provider's sample while there is none
 * @throws Refusal 404
 */
export async function previewEntry(
  env: Env,
  row: SourceRow,
  template: EntryTemplate,
  inboundId: string | undefined,
  now: number
): Promise<Preview> {
  const id = inboundId ?? (await latestOf(env, row.id))
  const scope = id === null ? await sampleScope(row, now) : await storedScope(env, row, id)
  const entry = renderEntry(template, scope)
  const nothing = { name: null, body: null, website: null, inbound_id: id }
  if (!entry.ok) return { ...nothing, holds: true, errors: [entry.error] }
  if (entry.value === null) return { ...nothing, holds: false, errors: [] }
  return { ...entry.value, holds: true, errors: faultsOf(entry.value), inbound_id: id }
}

function faultsOf(entry: Entry): string[] {
  const judged = judgeComment(entry)
  return judged.ok ? [] : judged.error.map(({ message }) => forOwner(message))
}

async function latestOf(env: Env, sourceId: string): Promise<string | null> {
  const { data } = await listInbound(env, { source: sourceId }, undefined, 1)
  return data[0]?.id ?? null
}

async function storedScope(env: Env, row: SourceRow, id: string): Promise<Scope> {
  const loaded = await requireInbound(env, id)
  if (loaded.row.source_id !== row.id) throw notFound('inbound message of this source')
  return scopeOf(loaded, await judgeInbound(env, loaded))
}

async function sampleScope(row: SourceRow, now: number): Promise<Scope> {
  const { provider } = toSource(row)
  const unsigned = { ...provider, schemes: [{ kind: 'unsigned' as const }] }
  const input = { address: '', query: '', secret: '', now, unique: 'sample' }
  const request = await writeSample({ provider: unsigned, ...input })
  const content: Content = readContent(request)
  const known = { provider: row.provider, source: row.name, verified: true }
  return { content, known: { ...known, header: Object.fromEntries(request.headers) } }
}
