import { spanOf } from '../../../kit/lib/time'
import type { Explanations } from '../../explanations'
import type { attempts } from '../../tables/outgoing'
import { DEADLINE_MS } from './call'

/* Explains reasons and failures to people looking at a delivery: what happened, and what to do next. */

/** @returns what the `reason` of a delivery means and what to do next, or null if there is no reason */
export function explainReason({ reasons }: Explanations, reason: string | null): string | null {
  return reason === null ? null : (reasons[reason] ?? reason)
}

type Failure = Pick<typeof attempts.$inferSelect, 'error_class' | 'status_code' | 'response_excerpt'>

/** @param isOwner can do more than an integrator. @returns what happened, and what to do; null after a success */
export function explainFailure(texts: Explanations, failure: Failure, isOwner = true): string | null {
  const { error_class, status_code, response_excerpt } = failure
  if (error_class === null) return null
  if (error_class.startsWith('url_')) return `Blocked by the URL policy. ${response_excerpt ?? ''}`
  const found = findText(texts, error_class, status_code)?.replace('{deadline}', spanOf(DEADLINE_MS)) ?? null
  const more = isOwner && found === texts.statuses[status_code ?? 0] && texts.owner[status_code ?? 0]
  const text = more ? `${found} ${more}` : found
  // The excerpt of a redirect contains its target: see `readResponse`.
  const target = error_class === 'redirect' && /^Location: (.+)$/s.exec(response_excerpt ?? '')?.[1]
  return text && target ? `${text} The target is ${target}` : text
}

function findText({ classes, broken_off, statuses }: Explanations, error_class: string, status: number | null) {
  const ofClass = error_class === 'rate_limited' ? statuses[429] : classes[error_class]
  if (error_class === 'redirect' || error_class === 'receiver_refused' || status === null) return ofClass
  return broken_off[error_class] ?? statuses[status] ?? ofClass
}
