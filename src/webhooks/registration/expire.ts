import { DAY_MS } from '../../kit/lib/time'
import type { Chore } from '../../kit/sweep/subrequest-budget'
import { log } from '../../log'
import { REMOVAL_STATEMENTS, removeUnapproved } from '../endpoints/page/lifecycle'
import { findUnapproved } from '../endpoints/self-registered'

/** The owner has this long to approve a registration. */
const APPROVAL_DAYS = 7

/** Removes a registration that nobody has approved, one in a sweep, so that it frees its place. */
export const expireRegistration: Chore = async (env, now, budget) => {
  if (!budget.take(1)) return 0
  const id = await findUnapproved(env, now - APPROVAL_DAYS * DAY_MS)
  if (id === null || !budget.take(REMOVAL_STATEMENTS)) return 0
  if (!(await removeUnapproved(env, id, now))) return 0
  log('endpoint.registration_expired', { endpoint_id: id })
  return 1
}
