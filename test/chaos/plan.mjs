/*
 * Plans the whole run in advance, so that the same seed always produces the same plan. Only the timing of the processes
 * varies.
 */

const MINUTE = 60_000
/** Longer than a lease, so that the next process takes over the work of the process that was killed. */
const AWAY_MINUTES = [3, 60]
/** Characters that are corrupted if they are escaped, counted or copied incorrectly. */
const AWKWARD = [...'"\\\n éß字👋🏽\u2028&\'</b>']

/** The generator mulberry32. @returns {(from: number, to: number) => number} random integers, bounds included */
export function randomFrom(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return (from, to) => from + Math.floor(next() * (to - from + 1))
}

/** What the owner selects, in turn. In the end, everything has to arrive at the receiver that was down, too. */
const SELECTIONS = [
  { act: 'resend', to: 'healthy', states: ['delivered', 'waiting', 'failed'] },
  { act: 'discard', to: 'dead', states: ['waiting'] },
  { act: 'resend', to: 'dead', states: ['discarded'] },
]

/** @returns the program's lives, each of which ends with SIGKILL, and what guests and the owner do in each life */
export function planLives({ seed, kills, comments }) {
  const random = randomFrom(seed)
  const first = (life) => Math.floor((life * comments) / kills)
  return Array.from({ length: kills }, (_, life) => {
    const diesStarting = random(1, 6) === 1
    const killAfterMs = diesStarting ? random(200, 4_000) : random(0, 5_000)
    const numbers = Array.from({ length: first(life + 1) - first(life) }, (_, i) => first(life) + i)
    return {
      diesStarting,
      killAfterMs,
      callAfterMs: random(0, killAfterMs),
      awayMs: random(0, 1) === 1 ? random(...AWAY_MINUTES) * MINUTE : 0,
      comments: numbers.map((number) => planComment(random, number, killAfterMs)),
      selection: { ...SELECTIONS[life % SELECTIONS.length], number: life, atMs: aroundKill(random, killAfterMs) },
    }
  })
}

const aroundKill = (random, lifeMs) => Math.max(lifeMs + random(-40, 20), 0)

/** Half of the comments are posted around the time of the kill, so their guests have to retry. */
function planComment(random, number, lifeMs) {
  const words = Array.from({ length: random(1, 60) }, () => AWKWARD[random(0, AWKWARD.length - 1)])
  const atMs = number % 2 === 0 ? random(0, lifeMs) : aroundKill(random, lifeMs)
  return { number, atMs, body: `${number}: ${words.join('')}.` }
}
