import type { Context as HonoContext, MiddlewareHandler } from 'hono'
import type { HonoEnv } from '../env'
import { logFault } from '../log'
import type { Caller } from './caller'
import { noteDailyLimit } from './db/daily-limit'
import { publicOrigin, requestOrigin } from './http/origin'
import { identifyVisitor, type Visitor } from './http/visitor'
import type { Clock } from './lib/time'

/** What a request brings along: who asks, when and where. An operation gets this instead of the request. */
export interface Context extends Caller {
  env: Env
  /** When the request arrived, with its body, in epoch milliseconds. */
  now: number
  /** The current time, for what waits and must know how long. */
  clock: Clock
  /** The origin that the request was sent to. It must not become part of a link. */
  origin: string
  /** @returns the origin for links. @throws Refusal 503 if PUBLIC_URL is malformed */
  linkOrigin(): string
  /** @returns the network that asks, for a limit */
  visitor(): Promise<Visitor>
  /** Lets work go on after the response. */
  later(work: Promise<unknown>): void
}

/** What it takes to publish an event. Without a request, a sweep or a queue message knows the origin for links. */
export type Publishing = Pick<Context, 'env' | 'now' | 'linkOrigin'>

/** Gives each request its time and its clock. No code that a request runs reads another clock, except for errors. */
export function timed(clock: Clock): MiddlewareHandler<HonoEnv> {
  return (c, next) => {
    c.set('clock', clock)
    c.set('now', clock())
    return next()
  }
}

export function contextOf(c: HonoContext<HonoEnv>): Context {
  return {
    env: c.env,
    now: c.get('now'),
    clock: c.get('clock'),
    origin: requestOrigin(c),
    linkOrigin: () => publicOrigin(c),
    actor: c.get('actor'),
    scopes: c.get('scopes'),
    visitor: () => identifyVisitor(c),
    later: laterIn(c),
  }
}

/** @returns a function that lets work go on after the response. If it fails, the log says so: nobody waits for it */
export function laterIn(c: HonoContext<HonoEnv>): Context['later'] {
  const note = (cause: unknown) => {
    if (!noteDailyLimit(c.env, cause, c.get('now'))) logFault('later.fault', cause)
  }
  return (work) => c.executionCtx.waitUntil(work.catch(note))
}
