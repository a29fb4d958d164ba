import { unseal } from '../../../kit/db/sealing'
import { logFault } from '../../../log'
import { withoutSecretValues } from '../../rules/verifying/credentials'
import {
  type Content,
  firstTextAt,
  type InboundRequest,
  readContent,
  textsAt,
  type ValuePlace,
  valuesAt,
} from '../../rules/verifying/request'
import { schemesFor, type Verification, verify } from '../../rules/verifying/verify'
import type { Source } from '../../sources/cache'
import { SOURCE_FIELDS } from '../../sources/fields'
import { liveSecrets } from '../../sources/secrets'
import type { LoadedInbound } from '../messages/load'
import { cutText, withoutSecrets } from '../messages/stored-request'

/** What a message contains, and whether it is verified. */
export interface Judgement {
  verification: Verification
  /** Without the secret, if the body contains one. */
  content: Content
  event_type: string | null
  external_id: string | null
  /** Values that the inspector can search, by name. */
  fields: Record<string, string>
}

/** Verifies a message as of the time it arrived, and reads the values that its source specifies. */
export async function judgeInbound(env: Env, loaded: LoadedInbound): Promise<Judgement> {
  const { row, source, request } = loaded
  const { eventType, deliveryId } = source.provider
  const content = readContent(request)
  const secrets = await secretsFor(env, loaded)
  const schemes = schemesFor(source.provider, secrets)
  const shown = withoutSecrets(request, source, loaded)
  const values = withoutSecretValues(content, source.provider.schemes)
  return {
    content: values,
    verification: await verify(schemes, secrets, request, content, row.received_at),
    event_type: cutText(firstTextAt(shown, values, eventType)),
    external_id: cutText(firstTextAt(shown, values, deliveryId)),
    fields: readFields(source, shown, values),
  }
}

/** A sample may have its own key. We seal the key when we create the sample, so no sender can supply one. */
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

/** A path points into the body, unless it starts with `header:` or `query:`. */
function readFields(source: Source, request: InboundRequest, content: Content): Record<string, string> {
  const found = SOURCE_FIELDS.valueIn(source.row, 'fields').flatMap(({ name, path }) => {
    const isPlace = /^(header|query):/.test(path)
    const value = isPlace
      ? textsAt(request, content, path as ValuePlace)[0]
      : valuesAt(content, path.replace(/^body:/, ''))[0]
    return isPlain(value) ? [[name, cutText(String(value)) ?? '']] : []
  })
  return Object.fromEntries(found)
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
