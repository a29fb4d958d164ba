import { spanOf } from '../../../kit/lib/time'
import type { Explanations } from '../../explanations'
import { parseRetryAfterMs } from '../../rules/delivering/retry-schedule'
import { type Format, formatOf } from '../../rules/events/formats'
import type { attempts } from '../../tables/outgoing'
import { DEADLINE_MS } from './call'

/* Explains reasons and failures to people looking at a delivery: what happened, and what to do next. */

/** @returns what the `reason` of a delivery means and what to do next, or null if there is no reason */
export function explainDeliveryReason({ reasons }: Explanations, reason: string | null): string | null {
  return reason === null ? null : (reasons[reason] ?? reason)
}

type Attempt = typeof attempts.$inferSelect
type Failure = Pick<Attempt, 'error_class' | 'status_code' | 'response_excerpt'> &
  Partial<Pick<Attempt, 'response_headers' | 'trigger'>>

/** Who reads why an attempt failed, and in which format the receiver gets its events. */
export type Reader = { isOwner: boolean; format: Format; isChallenge?: boolean | undefined }

/** @returns what happened and what this reader can do next; null for an attempt that succeeded */
export function explainFailure(texts: Explanations, failure: Failure, reader: Reader): string | null {
  const { error_class, status_code, response_excerpt } = failure
  if (error_class === null) return null
  if (error_class.startsWith('url_')) return `Blocked by the URL policy. ${response_excerpt ?? ''}`
  // Like a challenge, a test does not continue after a pause.
  const isChallenge = reader.isChallenge || (failure.trigger === 'test' && error_class === 'rate_limited')
  const template = findText(texts, error_class, status_code, { ...reader, isChallenge })
  const found = template?.replace('{deadline}', spanOf(DEADLINE_MS)) ?? null
  if (found && error_class === 'http_5xx' && isRetryPostponed(failure)) return `${found} ${texts.retry_after}`
  const more = reader.isOwner && found === texts.statuses[status_code ?? 0] && texts.owner[status_code ?? 0]
  const text = more ? `${found} ${more}` : found
  // The excerpt of a redirect contains its target: see `readResponse`.
  const target = error_class === 'redirect' && /^Location: (.+)$/s.exec(response_excerpt ?? '')?.[1]
  return text && target ? `${text} The target is ${target}` : text
}

/** Nothing retries a test, or a request that is no attempt. */
function isRetryPostponed({ trigger, response_headers }: Failure): boolean {
  if (!trigger || trigger === 'test') return false
  const headers: [name: string, value: string][] = JSON.parse(response_headers ?? '[]')
  const hint = headers.find(([name]) => name === 'retry-after')?.[1] ?? null
  return parseRetryAfterMs(hint, 0) !== null
}

/** The texts for this reader come first, and those for a challenge before them. */
function findText(texts: Explanations, error_class: string, status: number | null, reader: Reader) {
  const { isOwner, format, isChallenge } = reader
  const { classes, broken_off, statuses } = texts
  const { service } = formatOf(format)
  const fitting = {
    ...(service && texts.service),
    ...(!isOwner && texts.integrator),
    ...(isChallenge && texts.challenge),
  }
  const instead = fitting[status ?? ''] ?? fitting[error_class]
  if (instead) return instead.replace('{service}', service ?? '')
  const ofClass = error_class === 'rate_limited' ? statuses[429] : classes[error_class]
  if (error_class === 'redirect' || error_class === 'receiver_refused' || status === null) return ofClass
  return broken_off[error_class] ?? statuses[status] ?? ofClass
}
