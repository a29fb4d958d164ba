import fc from 'fast-check'
import { DAY } from '../clock'
import { noteRotation } from '../known'
import { OWNER, type Simulation } from '../simulation'
import { graceSeconds, kind } from './kind'

export const KEYS = {
  rotateSigningKey: kind<{ grace: number }>(2, { grace: graceSeconds }, async (simulation, isolate, { grace }) => {
    const before = simulation.clock.now
    const body = { grace_seconds: grace }
    await simulation.ask(isolate, 'POST', '/api/signing-keys/rotate', { headers: OWNER, body })
    simulation.afterStep.push(async () => {
      const known = new Set(simulation.signingKeys.map(({ secret }) => secret))
      const added = (await publicKeys(simulation)).filter((key) => !known.has(key))
      for (const key of added) noteRotation(simulation.signingKeys, key, simulation.rotation(grace * 1_000, before))
    })
  }),

  /** While a deployment is under way, an isolate may still have the old key. */
  rotateSecretsKey: kind<{ isRolling: boolean }>(
    1,
    { isRolling: fc.boolean() },
    async (simulation, _, { isRolling }) => {
      simulation.afterStep.push(async () => rotateSecretsKey(simulation, isRolling))
    }
  ),

  /** The deployment ends, and the old key is deleted if that is safe: see docs/configuration.md. */
  finishRotation: kind<Record<never, never>>(1, {}, async (simulation) => {
    simulation.afterStep.push(async () => finishRotation(simulation))
  }),
}

function rotateSecretsKey(simulation: Simulation, isRolling: boolean): void {
  if (simulation.keys.SECRETS_KEY_PREVIOUS !== undefined) return
  const SECRETS_KEY = btoa(String(simulation.next()).padStart(32, '.'))
  simulation.keys = { SECRETS_KEY, SECRETS_KEY_PREVIOUS: simulation.keys.SECRETS_KEY }
  simulation.rotatingSince = simulation.clock.latest
  const [first] = simulation.isolates
  simulation.deploy()
  if (first && isRolling) simulation.keepOld(first)
}

/** @returns the public keys that receivers can get, newest first */
export async function publicKeys(simulation: Simulation): Promise<string[]> {
  const { body } = await simulation.askOwner('GET', '/api/signing-keys')
  return (body.data as { public_key: string }[]).map(({ public_key }) => public_key)
}

/** Answers to an Idempotency-Key are not encrypted again, so the old key is needed for a day after its last use. */
export async function finishRotation(simulation: Simulation): Promise<void> {
  simulation.deploy()
  const isOver = simulation.clock.latest >= simulation.rotatingSince + DAY
  if (isOver && (await simulation.countStale()) === 0) {
    simulation.keys = { SECRETS_KEY: simulation.keys.SECRETS_KEY }
  }
  simulation.deploy()
}
