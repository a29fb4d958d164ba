import { all } from '../../kit/db/statements'
import { toBook } from '../books/book'
import { readBook } from '../books/cache'
import { changeBook } from '../books/manage'
import { LIST_SITES, type Site } from './store'

/* What the owner sees of a wall, and can do to it. */

/** @returns the sites of a book, the latest first. @throws Refusal 404 */
export async function listSites(env: Env, slug: string, now: number): Promise<Site[]> {
  const { wall_excluded } = toBook(await readBook(env, slug, now))
  const sites = await all(LIST_SITES(env, { book: slug }))
  const listed = sites.filter(({ host }) => !wall_excluded.includes(host))
  return listed.sort((a, b) => (a.comment_id < b.comment_id ? 1 : -1))
}

/** Removes the button of a site for good. @throws Refusal 404, or 422 if too many sites are excluded */
export async function excludeSite(env: Env, slug: string, host: string, now: number): Promise<void> {
  const { wall_excluded } = toBook(await readBook(env, slug, now))
  await changeBook(env, slug, { wall_excluded: [...wall_excluded, host] }, now)
}
