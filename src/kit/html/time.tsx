import { aSpanOf, DAY_MS, HOUR_MS, MINUTE_MS } from '../lib/time'

const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** A date and time in UTC, because a server does not know the reader's time zone. */
export function ExactTime({ at }: { at: number }) {
  return <time datetime={new Date(at).toISOString()}>{exact.format(at)} UTC</time>
}

/** A time with milliseconds, for comparison with a receiver's log. */
export function PreciseTime({ at }: { at: number }) {
  const iso = new Date(at).toISOString()
  return <time datetime={iso}>{iso.replace('T', ' ').replace('Z', ' UTC')}</time>
}

/** Shows how long ago a time was, or how far it is in the future. The tooltip shows the exact time. */
export function RelativeTime({ at, now }: { at: number; now: number }) {
  return (
    <time datetime={new Date(at).toISOString()} title={`${exact.format(at)} UTC`}>
      {relative(at - now)}
    </time>
  )
}

/** When the sweep, which runs once a minute, will do something. */
export function SweepTime({ at, now }: { at: number; now: number }) {
  return at > now ? <RelativeTime at={at} now={now} /> : <>within {aSpanOf(MINUTE_MS)}</>
}

/**
 * @param ms how far a time is in the future; negative in the past. dashboard.js has the same words, and a test compares
 * them
 */
export function relative(ms: number): string {
  const size = Math.abs(ms)
  if (size < 2_000) return ms <= 0 ? 'just now' : 'any moment now'
  const text = duration(size)
  return ms < 0 ? `${text} ago` : `in ${text}`
}

function duration(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.round(ms / 1_000)} s`
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min`
  if (ms < 2 * DAY_MS) return `${Math.round(ms / HOUR_MS)} h`
  return `${Math.round(ms / DAY_MS)} days`
}
