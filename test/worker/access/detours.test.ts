import { describe, expect, it } from 'vitest'
import page from '../../../docs/access.md?raw'
import { Program } from './plants'

/** The table of docs/access.md, by column. */
const [HEAD = [], ...ROWS] = (/\| what a key gets .*?(?=\n\n)/s.exec(page)?.[0] ?? '')
  .split('\n')
  .filter((line) => !line.startsWith('| ---'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  )
const COLUMNS = HEAD.slice(1).map((cell): string[] => cell.match(/\w+/g) ?? [])

function documented(column: number): Record<string, boolean> {
  return Object.fromEntries(ROWS.map((row) => [row[0] ?? '', row[column + 1] === 'yes']))
}

describe('what a key gets, by all doors and all detours', () => {
  it.each(COLUMNS.map((scopes, column) => ({ scopes, column })))(
    'is what docs/access.md says, with $scopes',
    async ({ scopes, column }) => {
      const program = await Program.with(scopes)
      await program.read()
      if (scopes.includes('write')) await program.divert()
      expect(await program.knows()).toEqual(documented(column))
    }
  )

  it('is in a table with each scope alone', () => {
    const alone = COLUMNS.filter(({ length }) => length === 1).flat()
    expect(alone).toEqual(['read', 'write', 'moderate', 'secrets', 'metrics'])
  })
})
