const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

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

function relative(ms: number): string {
  const size = Math.abs(ms)
  if (size < 2_000) return ms <= 0 ? 'just now' : 'any moment now'
  const text = duration(size)
  return ms < 0 ? `${text} ago` : `in ${text}`
}

function duration(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / 1_000)} s`
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`
  return `${Math.round(ms / DAY)} days`
}
