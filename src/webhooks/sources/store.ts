import { portable } from '../../kit/db/portable'
import { resealing } from '../../kit/db/reseal-statements'
import { bindUpdate, columnsOf, type RowOf } from '../../kit/db/rows'
import { all, type Bound, first, statement } from '../../kit/db/statements'
import { isOtherSource } from '../endpoints/built-in-receiver'
import { sources } from '../tables/incoming'
import { SOURCE_FIELDS } from './fields'

export type SourceRow = typeof sources.$inferSelect

const SOURCE = columnsOf(sources)

/** SQLite uses a partial index only for a literal condition. */
const IS_PRESENT = "status <> 'deleted'"

/** SQL that selects the ids of the sources whose name contains `:text`. There are at most 1,000. */
export const WITH_NAME = `select id from sources where ${IS_PRESENT} and instr(lower(name), :text) > 0`

const FIND_BY_TOKEN = SOURCE.from<{ token_hash: string }>(`
  sources where token_hash = :token_hash and token_hash is not null`)

const FIND = SOURCE.from<Pick<SourceRow, 'id'>>(`sources where id = :id and ${IS_PRESENT}`)

const LIST = SOURCE.from<{ before: string; limit: number; others: number }>(`
  sources
  where ${IS_PRESENT} and id < :before and (:others = 0 or ${isOtherSource('id')})
  order by id desc
  limit :limit`)

export const MAX_SOURCES = 1_000

const IS_ROOM = `(
  select count(*) < ${MAX_SOURCES}
  from (select 1 from sources indexed by sources_present where ${IS_PRESENT} limit ${MAX_SOURCES})
)`

/** With too many sources, the statement sets `status` to NULL, and fails: see `refuseIfNull` in problem.ts. */
export const INSERT = SOURCE.insert<SourceRow>({ status: `iif(${IS_ROOM}, :status, null)` })

/** @param token_hash the hash of the token in the source's URL */
export async function findByToken(env: Env, token_hash: string): Promise<SourceRow | null> {
  return first(FIND_BY_TOKEN(env, { token_hash }))
}

export const findSource = async (env: Env, id: string): Promise<SourceRow | null> => first(FIND(env, { id }))

/** Lists sources, newest first, with or without that of the built-in receiver. @param before an id, exclusive */
export async function listSources(env: Env, before: string | undefined, limit: number, others = 0) {
  return all(LIST(env, { before: before ?? '~', limit, others }))
}

/** A column whose value is undefined is left unchanged. */
export type SourceChanges = { [K in keyof SourceRow]?: SourceRow[K] | undefined }

/** @param secrets if given, the row changes only if it still has this value. The statement returns a changed row */
export function updatingSource(env: Env, id: string, changes: SourceChanges, secrets?: string): Bound<SourceRow> {
  const rest = `
  where id = :id and ${IS_PRESENT} and (:before is null or secrets = :before)
  returning ${SOURCE.of()}`
  return bindUpdate(env, sources, changes, rest, { id, before: secrets ?? null })
}

const RETENTION = columnsOf(sources, 'id', 'status', 'retention_days', 'body_retention_days', 'bodies_removed_to')
export type RetentionRow = RowOf<typeof RETENTION>

/** Lists sources, including deleted sources. */
export const LIST_RETENTION = RETENTION.from<{ after: string; limit: number }>(
  'sources where id > :after order by id limit :limit'
)

/** Removes deleted sources that no longer have any messages. */
export const REMOVE_DELETED = statement<{ updated_before: number }>(`
  delete from sources indexed by sources_deleted
  where status = 'deleted'
    and id > ''
    and updated_at < :updated_before
    and not exists (
      select 1 from inbound_messages indexed by inbound_of_source where source_id = sources.id
    )`)

/** `last_ids` is an object that maps a source id to the id of the last message whose body was removed. */
export const MARK_BODIES_REMOVED = statement<{ last_ids: string }>(`
  update sources set bodies_removed_to = j.value
  from json_each(:last_ids) j
  where sources.id = j.key`)

export const RESEAL_SOURCES = resealing(sources, 'id', 'secrets')

/** The hash of the token is made of the secrets again. */
export const PORTABLE_SOURCES = portable(
  sources,
  ['id', 'status', 'provider', 'created_at', 'updated_at', ...SOURCE_FIELDS.names],
  {
    hidden: ['secrets', 'token_hash'],
    condition: IS_PRESENT,
    replaces: "status = 'deleted'",
  }
)
