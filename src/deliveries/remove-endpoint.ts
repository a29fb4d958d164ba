import { deleteEndpoint } from '../endpoints/store'
import { notFound } from '../middleware/problem'
import { cancelLatest } from './store'

/** Deletes an endpoint, and cancels what still waits for it. @throws Refusal 404 */
export async function removeEndpoint(env: Env, id: string, now: number): Promise<void> {
  const [deleted] = await env.DB.batch([deleteEndpoint(env, id, now), cancelLatest(env, id, now)])
  if (!deleted?.meta.changes) throw notFound('endpoint')
}
