import { parseFields } from '../../../kit/http/form'
import { DAY_MS } from '../../../kit/lib/time'
import type { EndpointRow } from '../../endpoints/store'
import type { ReplayScope } from './run-jobs'
import { replayRequest, toScope } from './schemas'

/** The server does not know the browser's time zone, so the form asks for a span instead of a date. */
export const RESEND_SPANS = [
  { days: 1, label: 'Last day' },
  ...[7, 30].map((days) => ({ days, label: `Last ${days} days` })),
  { days: 36_500, label: 'All time' },
]

/** How far back an integrator's replay goes. */
export const INTEGRATOR_DAYS = 7

/** The form fields, as they were entered. */
export type ReplayFields = { only: string; span: string; event_types: string }

export const NO_REPLAY: ReplayFields = { only: 'failed', span: '7', event_types: '' }

export function readReplayFields(form: URLSearchParams): ReplayFields {
  const field = (name: keyof ReplayFields) => form.get(name) ?? ''
  return { only: field('only'), span: field('span'), event_types: field('event_types') }
}

/** @returns the fields of the replay that the page previews, or null if it previews none */
export function readPreview(query: URLSearchParams): ReplayFields | null {
  return query.get('preview') === 'true' ? readReplayFields(query) : null
}

/**
 * An integrator gets nothing again that was delivered, or that is older than the registration or a week.
 * @param own the endpoint of an integrator @returns the fields as the API takes them, not yet checked
 */
function requestFrom(fields: ReplayFields, now: number, own?: Pick<EndpointRow, 'created_at'>) {
  const days = RESEND_SPANS.find((span) => String(span.days) === fields.span)?.days ?? INTEGRATOR_DAYS
  const types = fields.event_types.split(/[\s,]+/).filter(Boolean)
  const oldest = own ? Math.max(now - INTEGRATOR_DAYS * DAY_MS, own.created_at) : 0
  return {
    only: own && fields.only !== 'missing' ? 'failed' : fields.only,
    since: new Date(Math.max(now - days * DAY_MS, oldest)).toISOString(),
    ...(types.length > 0 && { event_types: types }),
  }
}

/**
 * @returns the replay that a form asks for. The page previews with GET, but a form with `dry_run` starts nothing,
 * either
 */
export function replayFrom(form: URLSearchParams, now: number, own?: Pick<EndpointRow, 'created_at'>) {
  return { ...requestFrom(readReplayFields(form), now, own), dry_run: form.get('dry_run') === 'true' }
}

/** @returns the query of the page after a form: what was started, or the preview of what was only counted */
export function afterReplay(isStarted: boolean, form: URLSearchParams): string {
  return `tab=replay&${isStarted ? 'done=replaying' : `preview=true&${new URLSearchParams(readReplayFields(form))}`}`
}

/** @param isOwner whether the owner asks, or the integrator. @throws Refusal 422 with the invalid fields */
export function scopeFrom(endpoint: EndpointRow, isOwner: boolean, fields: ReplayFields, now: number): ReplayScope {
  const request = requestFrom(fields, now, isOwner ? undefined : endpoint)
  return toScope(endpoint.id, parseFields(replayRequest, request), now)
}
