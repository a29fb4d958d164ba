import type { Context } from 'hono'
import type { HonoEnv } from '../../env'
import { findComment } from '../store'
import { isKnownGuest, ownEntry, rememberGuest } from './guest'

/**
 * A guest who comes back after the owner has published the first entry is known from then on. Only browsers that have
 * signed, and are not known yet, cost this query.
 */
export async function welcomeGuest(c: Context<HonoEnv>, now: number): Promise<void> {
  const own = await ownEntry(c)
  if (own === null || (await isKnownGuest(c, now))) return
  if ((await findComment(c.env, own))?.status === 'published') await rememberGuest(c, now)
}
