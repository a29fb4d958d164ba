import type { mailbox } from '../support/fixtures'
import type { Settable } from './endpoint-settings'

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

export interface KnownEndpoint extends Settable {
  /** Identifies the receiver. It is part of every URL that the endpoint has had. */
  name: string
  box: ReturnType<typeof mailbox>
  /** The registration, as the owner has sent it. Null if an integrator has registered the endpoint. */
  registration: { body: object; key: string } | null
  /** When it was sent first, in epoch milliseconds. */
  registeredAt: number
  secrets: Validity[]
  /** How its receiver answers now, and every way in which it has answered. */
  behavior: string
  behaviors: Set<string>
  /** The path of the integrator's private link, or null. */
  link: string | null
  /** The step in which it was deleted. */
  deleted: number
}

export const isDisabled = ({ versions }: KnownEndpoint): boolean => versions.at(-1)?.settings.isEnabled !== true

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
  body: { name: string; body: string } & Record<string, unknown>
  /** The edit_token of an earlier entry that the guest has sent with it, or null. */
  proof: string | null
  /** The Idempotency-Key, or null. */
  key: string | null
  /** When it was sent first, in epoch milliseconds. */
  sentAt: number
  id: string | null
  /** With which a guest can edit the entry. */
  token: string | null
  isAnswered: boolean
  /** Whether it was refused: its book was deleted, or takes no private entries. */
  isRefused: boolean
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

export interface BookSettings {
  /** `gone`: its entries are being removed, so it cannot be restored any more. */
  state: 'present' | 'deleted' | 'gone'
  moderation: 'none' | 'first' | 'all'
  allows_private: boolean
  questions: string[]
}

interface BookVersion {
  from: number
  /** When it was seen first, in epoch milliseconds, and by how much the clock had been set back by then. */
  at: number
  setBack: number
  settings: BookSettings
}

export interface KnownBook {
  slug: string
  versions: BookVersion[]
}

/** By entry: whether the owner has approved it, or null if that is not known, and the entry that it relied on. */
export type Approvals = Map<string, { isApproved: boolean | null; knownBy: string | null }>

/** A decision in the dashboard, as it can be undone. */
export interface Decision {
  step: number
  /** The page to which the dashboard has led. */
  page: string
  before: { id: string; status: string; reason: string | null; edited_at: number | null }[]
  /** The status that the entries have got. */
  status: string
  /** All approvals before the decision. */
  approvals: Approvals
  /** In which step it was undone, or null. */
  undoneIn: number | null
}
