/*
 * Tables of states: what each act makes of a thing, by the state that it is in. The code that decides, the conditions of
 * the statements, the tests and the tables in docs/states.md all use them.
 */

/** Before it is created, and after it was removed, a thing is in the state `none`. */
export type Place<State extends string> = State | 'none'

export interface Act<State extends string> {
  /** Who acts. */
  by: string
  /** The next state. In a state that is left out, the act changes nothing. A list: other facts decide between these. */
  to: Partial<Record<Place<State>, Place<State> | readonly Place<State>[]>>
  /** What else the act does: the event that it publishes, and what it counts. */
  also?: string
}

/** @returns the states in which an act changes something. A thing that does not exist has no row, so `none` is left out */
export function statesBefore<State extends string>({ to }: Act<State>): State[] {
  const all = Object.keys(to) as Place<State>[]
  return all.filter((state): state is State => state !== 'none')
}

/** @returns the states that an act can lead to from a state. An act that changes nothing leads to the same state */
export function statesAfter<State extends string>({ to }: Act<State>, state: Place<State>): Place<State>[] {
  return [to[state] ?? state].flat() as Place<State>[]
}

/** SQL: a column has one of these values. A single one can use a partial index. */
export function isOneOf(column: string, [first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? `${column} = '${first}'` : `${column} in (${textsInSql([first, ...others])})`
}

/** SQL for texts, as a list. */
export const textsInSql = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(', ')
