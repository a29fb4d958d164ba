import { first, statement } from '../../../kit/db/statements'

/** How many entries one query counts. An export reads all of them anyway. */
const COUNTED = 10_000

const COUNT = statement<{ after: string }, { entries: number; read: number; last: string | null }>(`
  select count(b.slug) as entries, count(*) as read, max(c.id) as last
  from (select id, book from comments where id > :after order by id limit ${COUNTED}) c
  left join books b on b.slug = c.book and b.deleted_at is null`)

/**
 * Counts the entries that an export contains, in parts: like the export, without the entries of deleted books.
 * @param after an id; empty for the first part
 * @returns where the next part begins, or null at the end
 */
export async function countEntries(env: Env, after: string): Promise<{ entries: number; next: string | null }> {
  const { entries = 0, read = 0, last = null } = (await first(COUNT(env, { after }))) ?? {}
  return { entries, next: read === COUNTED ? last : null }
}
