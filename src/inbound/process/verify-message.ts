import {
  type Content,
  firstTextAt,
  readContent,
  textsAt,
  valuesAt,
} from '../../core/verifying/request'
import { schemesFor, type Verification, verify } from '../../core/verifying/verify'
import { unseal } from '../../db/sealing'
import { logFault } from '../../log'
import type { LoadedInbound } from '../messages/load'
import { cutText } from '../messages/stored-request'
import { fieldsOf } from '../sources/schemas'
import { liveSecrets } from '../sources/secrets'

/** What a message turns out to be. */
export interface Judgement {
  verification: Verification
  content: Content
  event_type: string | null
  external_id: string | null
  /** What can be searched for. */
  fields: Record<string, string>
}

/** Verifies a message as of when it came, and reads out of it what its source asks for. */
export async function judgeInbound(env: Env, loaded: LoadedInbound): Promise<Judgement> {
  const { row, source, request } = loaded
  const { eventType, deliveryId } = source.provider
  const content = readContent(request)
  const secrets = await secretsFor(env, loaded)
  const schemes = schemesFor(source.provider, secrets)
  return {
    content,
    verification: await verify(schemes, secrets, request, content, row.received_at),
    event_type: cutText(firstTextAt(request, content, eventType)),
    external_id: cutText(firstTextAt(request, content, deliveryId)),
    fields: readFields(loaded, content),
  }
}

/** A sample brings its own key, sealed by us when it was made: nobody else can. */
async function secretsFor(env: Env, { row, secrets }: LoadedInbound): Promise<string[]> {
  const live = liveSecrets(secrets, row.received_at)
  if (!row.sample_key) return live
  try {
    return [await unseal(env, row.sample_key, row.id)]
  } catch (cause) {
    logFault('inbound.sample_key_unreadable', cause, { id: row.id })
    return []
  }
}

/** As they are searched for: a path into the body, or a place. */
function readFields({ source, request }: LoadedInbound, content: Content): Record<string, string> {
  const found = fieldsOf(source.row).flatMap(({ name, path }) => {
    const place = /^(header|query):/.test(path)
    const value = place
      ? textsAt(request, content, path as `header:${string}`)[0]
      : valuesAt(content, path.replace(/^body:/, ''))[0]
    return isPlain(value) ? [[name, cutText(String(value)) ?? '']] : []
  })
  return Object.fromEntries(found)
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
