/** What happened in each part of a time, the oldest first. */
export type Parts = readonly { good: number; bad: number }[]

const HEIGHT = 12

/** A small chart within a line: one bar for each part, as high as what happened in it. */
export function Sparkline({ parts, label }: { parts: Parts; label: string }) {
  const highest = Math.max(1, ...parts.map(({ good, bad }) => good + bad))
  const unit = HEIGHT / highest
  const bars = (ranges: [from: number, size: number][]) =>
    ranges.map(([from, size], x) => (size > 0 ? bar(x, HEIGHT - from * unit, size * unit) : '')).join('')
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${parts.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <path class="good" d={bars(parts.map(({ good }) => [0, good]))} />
      <path class="bad" d={bars(parts.map(({ good, bad }) => [good, bad]))} />
    </svg>
  )
}

/** Two digits are enough, and keep the page short. */
function bar(x: number, bottom: number, height: number): string {
  return `M${x} ${Math.round(bottom * 100) / 100}h.8v-${Math.round(height * 100) / 100}h-.8z`
}
