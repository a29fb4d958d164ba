/** @returns what a failure is about, without what differs from run to run */
export function kindOf(why: string): string {
  const [first = ''] = why.split('\n')
  return first.replace(/\w+_[0-9A-Z]{26}/g, 'id').replace(/[0-9]+/g, '0')
}

/** What all runs of a series have found, if they do not end with the first one that fails. */
export class Survey {
  readonly #found = new Map<string, { runs: number[]; example: string }>()

  /** @param why what the run has found, or null @param run its number, which is also its path */
  note(why: string | null, run: number): void {
    if (why === null) return
    const kind = kindOf(why)
    const { runs, example } = this.#found.get(kind) ?? { runs: [], example: why }
    this.#found.set(kind, { runs: [...runs, run], example })
  }

  /** @returns the faults, the most frequent first, each with the runs that have found it */
  toString(): string {
    const all = [...this.#found.values()].toSorted((one, other) => other.runs.length - one.runs.length)
    return all.map(({ runs, example }) => `${runs.length} runs (paths ${runs.slice(0, 5)}): ${example}`).join('\n')
  }
}
