import type { Context as HonoContext } from 'hono'
import type { HonoEnv } from '../env'
import type { Caller } from './caller'
import { publicOrigin, requestOrigin } from './http/origin'

/** What a request brings along: who asks, when and where. An operation gets this instead of the request. */
export interface Context extends Caller {
  env: Env
  /** Epoch milliseconds. */
  now: number
  /** The origin that the request was sent to. It must not become part of a link. */
  origin: string
  /** @returns the origin for links. @throws Refusal 503 if PUBLIC_URL is malformed */
  linkOrigin(): string
  /** Lets work go on after the response. */
  later(work: Promise<unknown>): void
}

export function contextOf(c: HonoContext<HonoEnv>): Context {
  return {
    env: c.env,
    now: Date.now(),
    origin: requestOrigin(c),
    linkOrigin: () => publicOrigin(c),
    actor: c.get('actor'),
    scopes: c.get('scopes'),
    later: (work) => c.executionCtx.waitUntil(work),
  }
}
