/** How many colors dashboard.css has for logos. */
const COLORS = 6

/** Two letters in a colored tile stand for a service, because nothing is loaded from other hosts. */
export function Logo({ name }: { name: string }) {
  const short = name.replace(/^Custom: /, '').replace(/ \(.*/, '')
  const capitals = short.replace(/[^A-Z]/g, '')
  const letters = capitals.length > 1 ? capitals : short
  const color = [...short].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLORS
  return (
    <span class={`logo color-${color}`} aria-hidden="true">
      {letters.slice(0, 1).toUpperCase() + letters.slice(1, 2)}
    </span>
  )
}
