import type { World } from './world'

/**
 * Runs `meanwhile` once, before the first call to D1 with a statement that matches `sql`.
 * @returns whether there was such a call
 */
export function justBefore(world: World, sql: RegExp, meanwhile: () => Promise<unknown>): () => boolean {
  let hasCome = false
  world.recorder.gate = async (statements) => {
    if (hasCome || !statements.some((one) => sql.test(one.sql))) return
    hasCome = true
    await meanwhile()
  }
  return () => hasCome
}
