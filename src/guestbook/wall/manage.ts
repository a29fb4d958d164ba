import { run } from '../../kit/db/statements'
import { toBook } from '../books/book'
import { forgetBook, readBook } from '../books/cache'
import { judgeChange } from '../books/manage'
import { EXCLUDE_SITE } from '../books/store'

/**
 * Removes the button of a site for good. @returns false if the site was excluded already
 * @throws Refusal 404, or 422 if too many sites are excluded
 */
export async function excludeSite(env: Env, slug: string, given: string, now: number): Promise<boolean> {
  const { wall_excluded: before } = toBook(await readBook(env, slug, now))
  const { wall_excluded } = judgeChange({ wall_excluded: [...before, given] })
  // If the site was excluded already, its repetition was dropped, and the last site is another one that is excluded.
  const host = wall_excluded.at(-1) ?? ''
  if (before.includes(host)) return false
  await run(EXCLUDE_SITE(env, { slug, host }))
  forgetBook(env, slug)
  return true
}
