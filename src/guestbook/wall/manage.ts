import { toBook } from '../books/book'
import { readBook } from '../books/cache'
import { changeBook } from '../books/manage'

/** Removes the button of a site for good. @throws Refusal 404, or 422 if too many sites are excluded */
export async function excludeSite(env: Env, slug: string, host: string, now: number): Promise<void> {
  const { wall_excluded } = toBook(await readBook(env, slug, now))
  await changeBook(env, slug, { wall_excluded: [...wall_excluded, host] }, now)
}
