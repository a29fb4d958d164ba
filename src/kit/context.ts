import type { Context as HonoContext } from 'hono'
import type { Caller } from '../access/rights'
import type { HonoEnv } from '../env'
import { publicOrigin, requestOrigin } from './http/origin'
import { identifyVisitor, type Visitor } from './http/visitor'

/** What a request brings along: who asks, when and where. An operation gets this instead of the request. */
export interface Context extends Caller {
  env: Env
  /** Epoch milliseconds. */
  now: number
  /** The origin that the request was sent to. It must not become part of a link. */
  origin: string
  /** @returns the origin for links. @throws Refusal 503 if PUBLIC_URL is malformed */
  linkOrigin(): string
  /** @returns the network that asks, for a limit */
  visitor(): Promise<Visitor>
  /** Lets work go on after the response. */
  later(work: Promise<unknown>): void
}

export function contextOf(c: HonoContext<HonoEnv>): Context {
  const now = Date.now()
  return {
    env: c.env,
    now,
    origin: requestOrigin(c),
    linkOrigin: () => publicOrigin(c),
    actor: c.get('actor'),
    scopes: c.get('scopes'),
    visitor: () => identifyVisitor(c, now),
    later: (work) => c.executionCtx.waitUntil(work),
  }
}
