import type { mailbox } from '../support/fixtures'

/*
 * What the outside world knows about the guestbook: what it has asked for and what was answered. A request without an
 * answer (the process died, or D1 failed) may or may not have had its effect. Steps are numbered from 1.
 */

export const NEVER = Number.POSITIVE_INFINITY

/** A secret or a public key, and when it is valid. */
export interface Validity {
  secret: string
  /** It is valid after this step, which ended at this time. */
  from: number
  since: number
  /** It is valid before this step: a rotation without a grace period has ended it. */
  to: number
  /** It is valid until this time, in epoch milliseconds: its grace period ends. */
  until: number
  /** The latest time at which it can still be valid. */
  atLatest: number
  /** Whether the program has forgotten it: no message that was signed with it can be verified any more. */
  isForgotten: boolean
}

export interface Rotation {
  step: number
  graceMs: number
  /** The time before and after the step, in epoch milliseconds. */
  before: number
  after: number
}

/** @param since when the step ended, in epoch milliseconds */
export function newSecret(secret: string, step: number, since: number): Validity {
  return { secret, from: step, since, to: NEVER, until: NEVER, atLatest: NEVER, isForgotten: false }
}

/** Notes that a new secret has replaced the current one, which stays valid for the grace period. */
export function noteRotation(list: Validity[], secret: string, { step, graceMs, before, after }: Rotation): void {
  for (const one of list) {
    const isCurrent = one.until === NEVER && one.to === NEVER
    if (graceMs === 0) one.to = Math.min(one.to, step)
    if (graceMs === 0) one.atLatest = Math.min(one.atLatest, after)
    else if (isCurrent) Object.assign(one, { until: before + graceMs, atLatest: after + graceMs })
    if (graceMs === 0 || one.until <= after) one.isForgotten = true
  }
  list.push(newSecret(secret, step, after))
}

/** @returns the secrets that are certainly valid in a whole step */
export function surelyValid(list: Validity[], step: number, now: number): Validity[] {
  return list.filter((one) => one.from < step && step < one.to && now < one.until)
}

/**
 * @param earliest the earliest time that a clock may have shown in the step, in epoch milliseconds
 * @returns the secrets that may be valid at some moment of a step
 */
export function possiblyValid(list: Validity[], step: number, earliest: number): Validity[] {
  return list.filter((one) => one.from <= step && step <= one.to && earliest <= one.atLatest)
}

export interface KnownEndpoint {
  /** Identifies the receiver. It is part of every URL that the endpoint has had. */
  name: string
  box: ReturnType<typeof mailbox>
  event_type: string
  /** The registration, as it was sent. */
  registration: { body: object; key: string }
  /** When it was sent first, in epoch milliseconds. */
  registeredAt: number
  /** Null until it has been seen in the table. */
  id: string | null
  secrets: Validity[]
  /** Every way in which its receiver has answered. */
  behaviors: Set<string>
  /** The last step after or before which it was disabled, deleted or not registered yet. */
  lastDisabled: number
  isDisabled: boolean
  /** The step in which it was deleted. */
  deleted: number
}

interface Message {
  type: string
  about: string | null
  audience: string | null
}

/** Whether an endpoint gets a message. It never gets one about itself, and tests go to one endpoint only. */
export function wants({ event_type, id }: KnownEndpoint, { type, about, audience }: Message): boolean {
  if (audience !== null || about === id) return false
  return event_type === '*' || event_type === type || type.startsWith(event_type.replace('*', ''))
}

export interface KnownSource {
  id: string
  path: string
  act: 'keep' | 'publish' | 'sign'
  isStrict: boolean
  secrets: Validity[]
  isPaused: boolean
  isDeleted: boolean
}

/** An entry that somebody has tried to sign. */
export interface KnownEntry {
  /** Words that no other entry has. */
  word: string
  by: 'guest' | 'owner'
  body: { name: string; body: string }
  /** The Idempotency-Key, or null. */
  key: string | null
  /** When it was sent first, in epoch milliseconds. */
  sentAt: number
  id: string | null
  /** With which a guest can edit the entry. */
  token: string | null
  isAnswered: boolean
}

/** One event of an outside service, which sends it until it is answered, and perhaps again. */
export interface KnownWebhook {
  source: KnownSource
  /** The id that the service gives to it. A forger may know it. */
  delivery: string
  word: string
  /** The words of the forged requests with the same id. */
  forgedWord: string
  posts: KnownPost[]
}

export interface KnownPost {
  step: number
  /** Null if it is forged. */
  secret: Validity | null
  answer: { status: number; id: string; repeat: boolean } | null
}

/** @returns whether a post was accepted: its sender will not send it again */
export function isAccepted({ answer }: KnownPost): boolean {
  return answer !== null && answer.status < 300
}
