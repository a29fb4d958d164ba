import { portable } from '../../kit/db/portable'
import { resealing } from '../../kit/db/reseal-statements'
import { bindUpdate, columnsOf } from '../../kit/db/rows'
import { type Bound, first, run, statement, type Values } from '../../kit/db/statements'
import { HEALTHY } from '../rules/delivering/endpoint-health'
import { endpoints } from '../tables/outgoing'
import { ENDPOINT_FIELDS } from './fields'
import { newRev } from './health'
import { hostPart, IS_ROOM } from './self-registered'

export type EndpointRow = typeof endpoints.$inferSelect

const ENDPOINT = columnsOf(endpoints)

/** SQLite uses a partial index only for a literal condition. */
const IS_PRESENT = "status <> 'deleted'"

const INSERT = ENDPOINT.insert<EndpointRow & { host: string }>({
  url: `iif(:manage_token_hash is null or ${IS_ROOM}, :url, null)`,
})

/** If there is no room for an integrator's endpoint, this sets `url` to NULL and fails: see `refuseIfNull`. */
export function insertEndpoint(env: Env, row: EndpointRow): Bound<never> {
  return INSERT(env, { ...row, host: hostPart(row.url) })
}

const FIND = ENDPOINT.from<{ id: string }>(`endpoints where id = :id and ${IS_PRESENT}`)

/** @returns null if the endpoint does not exist or has been deleted */
export const findEndpoint = async (env: Env, id: string): Promise<EndpointRow | null> => first(FIND(env, { id }))

const FIND_BY_MANAGE_TOKEN = ENDPOINT.from<{ hash: string }>(`
  endpoints where manage_token_hash = :hash and ${IS_PRESENT}`)

export async function findByManageToken(env: Env, hash: string): Promise<EndpointRow | null> {
  return first(FIND_BY_MANAGE_TOKEN(env, { hash }))
}

const FIND_REGISTERED = ENDPOINT.from<{ url: string }>(`
  endpoints where manage_token_hash is not null and url = :url and ${IS_PRESENT}`)

/** @returns the endpoint that an integrator has registered with this URL, or null */
export async function findRegistered(env: Env, url: string): Promise<EndpointRow | null> {
  return first(FIND_REGISTERED(env, { url }))
}

/** The columns to change. Undefined leaves a column unchanged. */
export type EndpointChanges = { [K in keyof EndpointRow]?: EndpointRow[K] | undefined }

/** @param rest SQL @param values its parameters */
function change(env: Env, id: string, changes: EndpointChanges, rest = '', values: Values = {}) {
  const where = `where id = :id and ${IS_PRESENT} ${rest}`
  return bindUpdate<typeof endpoints, EndpointRow>(env, endpoints, changes, where, { id, ...values })
}

/** The row changes only if it still has these values, and if an integrator may register the URL with this `host`. */
interface Guards {
  secrets?: string | undefined
  health_rev?: string | undefined
  url?: string
  host?: string
}

const IS_AS_BEFORE = `and (:secrets is null or secrets = :secrets)
    and (:health_rev is null or health_rev = :health_rev)
    and (:host is null or ${IS_ROOM})`

/** @returns the row; null if it is not as the guards say */
export async function updateEndpoint(env: Env, id: string, changes: EndpointChanges, guards: Guards) {
  const { secrets = null, health_rev = null, url = null, host = null } = guards
  return first(
    change(env, id, changes, `${IS_AS_BEFORE} returning ${ENDPOINT.of()}`, { secrets, health_rev, url, host })
  )
}

type PullToken = { pull_token_hash: string | null; moderation_links?: number }

/** @param before if the private link was replaced, whoever had it gets no token */
export function setPullToken(
  env: Env,
  { id, manage_token_hash: link }: Pick<EndpointRow, 'id' | 'manage_token_hash'>,
  token: PullToken,
  now: number
): Bound<unknown> {
  return change(env, id, { ...token, updated_at: now }, 'and manage_token_hash is :link', { link })
}

const REFUSE_FORMER_LINK = statement<{ id: string; link: string | null }>(`
  update endpoints set status = null where id = :id and manage_token_hash is not :link`)

/** If the private link was replaced since the endpoint was read, this fails with its batch: see `refuseIfNull`. */
export const refuseFormerLink = (
  env: Env,
  { id, manage_token_hash: link }: Pick<EndpointRow, 'id' | 'manage_token_hash'>
): Bound<unknown> => REFUSE_FORMER_LINK(env, { id, link })

/**
 * Whoever has the former link may have made a pull token, which therefore ends with it.
 * @param former the hash of the token that is replaced. @returns false if another request has replaced it first
 */
export async function replaceManageToken(
  env: Env,
  id: string,
  { former, next }: { former: string; next: string },
  now: number
): Promise<boolean> {
  const changes = { manage_token_hash: next, pull_token_hash: null, updated_at: now }
  return (await run(change(env, id, changes, 'and manage_token_hash = :former', { former }))) > 0
}

/**
 * The row stays for its deliveries, without its secrets and URL, so that the log remains readable. Pending deliveries are
 * canceled when due; `resume_at` makes parked ones due now. @param condition SQL that the row must meet, from `and` on
 */
export function deleteEndpoint(env: Env, id: string, now: number, condition = ''): Bound<unknown> {
  const changes: EndpointChanges = {
    status: 'deleted',
    secrets: '',
    // The URL of a chat channel works like a password.
    url: '',
    headers: null,
    when: null,
    texts: null,
    disabled_reason: null,
    // A backup can restore the row.
    ...HEALTHY,
    breaker: 'draining',
    resume_at: now,
    health_rev: newRev(),
    pull_token_hash: null,
    manage_token_hash: null,
    excerpts_removed_to: '',
    updated_at: now,
  }
  return change(env, id, changes, condition)
}

export const RESEAL_ENDPOINTS = resealing(endpoints, 'id', 'secrets')

/** `headers` is made of the secrets again. Health starts anew. A line says only whether there is a private link. */
export const PORTABLE_ENDPOINTS = portable(
  endpoints,
  [
    'id',
    'status',
    'disabled_reason',
    'disabled_at',
    ...ENDPOINT_FIELDS.names.filter((name) => name !== 'headers'),
    'created_at',
    'updated_at',
  ],
  { hidden: ['secrets', 'headers', 'manage_token_hash'], condition: IS_PRESENT, replaces: "status = 'deleted'" }
)
