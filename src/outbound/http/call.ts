import type { ForwardMethod } from '../../core/delivering/forwarded-request'
import {
  type ErrorClass,
  judgeAnswer,
  judgeFailure,
  type Outcome,
} from '../../core/delivering/outcome'
import type { Bytes } from '../../core/lib/bytes'
import { EXCERPT_BYTES, readExcerpt } from './read-excerpt'

/** One deadline for the whole exchange: connecting, headers and body. Standard Webhooks advises 15 to 30 s. */
export const DEADLINE_MS = 15_000

interface CallRequest {
  method: ForwardMethod | 'OPTIONS'
  headers: Record<string, string> | Headers
  body?: string | Bytes
}

/** The result of one HTTP request to a receiver. */
export interface Exchange {
  outcome: Outcome
  error_class: ErrorClass | null
  status_code: number | null
  retry_after_ms: number | null
  /** The first bytes of the response as text, for people; null if there was no response. */
  excerpt: string | null
}

export interface Called extends Exchange {
  /** The headers of the answer; null when none came. */
  answer: Headers | null
}

/**
 * Calls a receiver; the only place that does. Within one deadline, never following a redirect, and reading no more of the answer than is kept.
 * What goes wrong out there is an outcome.
 * @param url one that the URL policy has let pass just now
 */
export async function call(
  url: string,
  request: CallRequest,
  deadlineMs = DEADLINE_MS
): Promise<Called> {
  const signal = AbortSignal.timeout(deadlineMs)
  try {
    const response = await fetch(url, { ...request, redirect: 'manual', signal })
    return { ...(await readAnswer(response, signal)), answer: response.headers }
  } catch (cause) {
    const failure = cause instanceof Error ? cause : new Error(String(cause))
    return { ...judgeFailure(failure), status_code: null, excerpt: null, answer: null }
  }
}

/** Reads no more of the body than the cap, within the same deadline. */
async function readAnswer(response: Response, signal: AbortSignal): Promise<Exchange> {
  const answer = { status: response.status, retryAfter: response.headers.get('Retry-After') }
  const verdict = judgeAnswer(answer, Date.now())
  const body = await readExcerpt(response, signal)
  // A refusal has said all it had to say with its status; a success that breaks off may not have been one.
  if (body.failure && verdict.outcome === 'delivered')
    return { ...judgeFailure(body.failure), status_code: answer.status, excerpt: body.excerpt }
  // The platform's own error page is not the receiver's answer, and is not shown as if it were.
  const excerpt = verdict.error_class === 'origin_unreachable' ? null : body.excerpt
  return { ...verdict, status_code: answer.status, excerpt: redirectNote(response) ?? excerpt }
}

/** A redirect's body says nothing; where it points does. */
function redirectNote(response: Response): string | null {
  const location = response.headers.get('Location')
  if (response.status < 300 || response.status > 399 || location === null) return null
  return `Location: ${location}`.slice(0, EXCERPT_BYTES)
}
