/*
 * What will be done, in full, before it begins: the same seed, the same plan. Only how the processes fall in between is left to chance.
 */

const MINUTE = 60_000
/** Longer than a lease: what was under way when the program died is taken over by the next. */
const AWAY_MINUTES = [3, 60]
/** What escaping, counting or copying by the wrong unit would spoil. */
const AWKWARD = [...'"\\\n éß字👋🏽\u2028&\'</b>']

/** mulberry32. @returns {(from: number, to: number) => number} whole numbers, both ends included */
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

/** The lives of the program, each of which ends by SIGKILL, and the comments that are posted in each. */
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
      awayMs: random(0, 1) === 1 ? random(...AWAY_MINUTES) * MINUTE : 0,
      comments: numbers.map((number) => planComment(random, number, killAfterMs)),
    }
  })
}

/** Half of them come when the program dies, or has just died: their guests try again. */
function planComment(random, number, lifeMs) {
  const words = Array.from({ length: random(1, 60) }, () => AWKWARD[random(0, AWKWARD.length - 1)])
  const atMs = number % 2 === 0 ? random(0, lifeMs) : Math.max(lifeMs + random(-40, 20), 0)
  return { number, atMs, body: `${number}: ${words.join('')}.` }
}
