import { MINUTE_MS } from '../../../kit/lib/time'
import { startOfRev } from '../../endpoints/health'
import { type Lane, laneFor } from '../../rules/delivering/endpoint-health'
import type { AttemptResult } from './attempt'
import type { Sending, SendingEndpoint } from './sending'

/*
 * Which receivers do not answer, as this isolate knows before the database. Until a receiver has answered, it gets at
 * most five requests from one isolate. So a receiver that hangs gets a handful of requests, not one for each event.
 * A fresh start, such as another URL, begins anew.
 */

/** How many requests an endpoint gets until it answers one of them. A person who asks again has five more. */
export const PLACES = 5
const PLACES_FOR_PERSON = 2 * PLACES
/** A request without an answer keeps its place for this long, also after its deadline. */
export const PLACE_MS = MINUTE_MS
/** A receiver that takes longer than this would delay the other receivers in its work order. */
const HANGS_AFTER_MS = 100

/** A receiver that has not answered after this time will probably not answer soon. */
export const ANSWERS_WITHIN_MS = 1_000

type Receiver = Pick<SendingEndpoint, 'id' | 'health_rev'>
/** When the requests since the last answer began, and when that answer came. */
type Known = { begins: { at: number }[]; answered_at: number }

/** By endpoint and fresh start. Tests run several isolates in one, and each of them has its own binding. */
const isolates = new WeakMap<D1Database, Map<string, Known>>()

function knownIn({ DB }: Env): Map<string, Known> {
  const known = isolates.get(DB) ?? new Map<string, Known>()
  isolates.set(DB, known)
  return known
}

const keyOf = ({ id, health_rev }: Receiver): string => `${id} ${startOfRev(health_rev)}`

function recall(env: Env, endpoint: Receiver, now: number): Known {
  const { begins = [], answered_at = 0 } = knownIn(env).get(keyOf(endpoint)) ?? {}
  return { begins: begins.filter(({ at }) => now - at <= PLACE_MS), answered_at }
}

/** Takes a place for a request. @returns a function to call when the request has ended */
export function noteBegin(env: Env, endpoint: Receiver, now: number): (attempt: AttemptResult, now: number) => void {
  const { begins, answered_at } = recall(env, endpoint, now)
  const begin = { at: now }
  knownIn(env).set(keyOf(endpoint), { begins: [...begins, begin], answered_at })
  return ({ outcome, error_class }, now) => {
    const { begins, answered_at } = recall(env, endpoint, now)
    const isAnswer = outcome === 'delivered' || outcome === 'refused'
    const wasSent = outcome !== 'blocked' && error_class !== 'sender_fault'
    if (isAnswer) knownIn(env).set(keyOf(endpoint), { begins: [], answered_at: now })
    else if (!wasSent) knownIn(env).set(keyOf(endpoint), { begins: begins.filter((one) => one !== begin), answered_at })
  }
}

/**
 * Whether a delivery may begin `now`, waits for an answer that is probably on its way (`soon`), or waits for `later`. A
 * probe is a single request, which needs no place. `ahead` is what the database knows of other isolates; it is outdated
 * once the receiver has answered.
 */
export function whenToBegin(env: Env, { endpoint, ahead, release }: Sending, now: number): 'now' | 'soon' | 'later' {
  const { begins, answered_at } = recall(env, endpoint, now)
  const isFree = begins.length < PLACES && (ahead < PLACES || now - answered_at <= PLACE_MS)
  const isAsked = release === 'manual' && begins.length < PLACES_FOR_PERSON
  if (isFree || isAsked || release === 'probe') return 'now'
  return begins.some(({ at }) => now - at < ANSWERS_WITHIN_MS) ? 'soon' : 'later'
}

/** The lane of the next delivery to an endpoint. It is also patient while the endpoint has not answered for long. */
export function laneNow(
  env: Env,
  endpoint: Receiver & Pick<SendingEndpoint, 'consecutive_failures' | 'slow_until'>,
  now: number
): Lane {
  const isHanging = recall(env, endpoint, now).begins.some(({ at }) => now - at >= HANGS_AFTER_MS)
  return isHanging ? 'patient' : laneFor(endpoint, now)
}

/** Puts receivers last that have not answered an earlier request yet: they may hang, and would delay the others. */
export function busyLast<T extends { endpoint: Receiver }>(env: Env, sendings: T[], now: number): T[] {
  const isBusy = ({ endpoint }: T) => recall(env, endpoint, now).begins.length > 0
  return [...sendings.filter((one) => !isBusy(one)), ...sendings.filter(isBusy)]
}
