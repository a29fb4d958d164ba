import fc from 'fast-check'
import type { World } from '../../support/world'
import type { Simulation } from '../simulation'

/** A kind of action. */
export interface Kind {
  /** How often it is chosen, compared with the others. */
  weight: number
  parameters: fc.Arbitrary<unknown>
  perform(simulation: Simulation, isolate: World, parameters: unknown): Promise<unknown>
}

export function kind<P>(
  weight: number,
  parameters: { [K in keyof P]: fc.Arbitrary<P[K]> },
  perform: (simulation: Simulation, isolate: World, parameters: P) => Promise<unknown>
): Kind {
  return {
    weight,
    parameters: fc.record(parameters),
    perform: (simulation, isolate, given) => perform(simulation, isolate, given as P),
  }
}

/** Chooses one of the things that exist at that moment. */
export const which = fc.nat(99)

export const graceSeconds = fc.constantFrom(0, 600, 86_400)
