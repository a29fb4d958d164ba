import { first, statement } from '../../kit/db/statements'

/**
 * The endpoints that integrators have registered. There are at most a hundred: see
 * webhooks/endpoints/self-registered.ts.
 */
export interface Registered {
  count: number
  /** How many of them wait for the owner's approval. */
  waiting: number
}

const COUNT = statement<Record<never, never>, Registered>(`
  select count(*) as count, total(disabled_reason = 'awaiting_approval') as waiting
  from endpoints indexed by endpoints_managed
  where manage_token_hash is not null and status <> 'deleted'`)

export async function countRegistered(env: Env): Promise<Registered> {
  return (await first(COUNT(env, {}))) ?? { count: 0, waiting: 0 }
}
