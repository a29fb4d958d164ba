import { readFileSync } from 'node:fs'
import '../../../src/app'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { scopesFor } from '../../../src/access/scopes'
import { SCOPES, type Scope } from '../../../src/kit/actor'

/*
 * The table of calls in docs/access.md is what the program decides by. test/worker/access/scopes.test.ts tries each
 * call.
 */

const ROOT = join(import.meta.dirname, '../../..')
type Calls = Record<string, { security?: object[] }>
const { paths }: { paths: Record<string, Calls> } = JSON.parse(readFileSync(join(ROOT, 'public/openapi.json'), 'utf8'))

interface Row {
  resource: string
  kind: 'see' | 'change'
  scopes: readonly Scope[]
  paths: string[]
}

/** Calls on the same things that need the same scopes are one row. */
function rows(): Row[] {
  const found = new Map<string, Row>()
  for (const [path, calls] of Object.entries(paths)) {
    for (const [name, { security = [] }] of Object.entries(calls)) {
      if (!security.some((scheme) => 'owner' in scheme)) continue
      const method = name.toUpperCase()
      const kind = method === 'GET' ? 'see' : 'change'
      const resource = path.split('/').slice(0, 3).join('/')
      const scopes = scopesFor(method, path.replace(/\{(\w+)\}/g, ':$1'))
      const key = [resource, kind, scopes].join(' ')
      const row = found.get(key) ?? { resource, kind, scopes, paths: [] }
      found.set(key, { ...row, paths: [...new Set([...row.paths, path])] })
    }
  }
  return [...found.values()]
}

/** More would make a line of the document too long. */
const MOST_PATHS = 5

function linesOf(row: Row, all: Row[]): string[] {
  if (all.some((other) => other !== row && other.resource === row.resource && other.kind === row.kind)) {
    const starts = row.paths.flatMap((_, i) => (i % MOST_PATHS === 0 ? [i] : []))
    return starts.map((i) => line({ ...row, paths: row.paths.slice(i, i + MOST_PATHS) }, all))
  }
  return [line(row, all)]
}

function line({ resource, kind, scopes, paths: own }: Row, all: Row[]): string {
  const isAlone = all.filter((row) => row.resource === resource && row.kind === kind).length === 1
  const what = isAlone ? `\`${resource}\`` : own.map((path) => `\`${path}\``).join(', ')
  return `| ${[`${kind} ${what}`, ...SCOPES.map((scope) => (scopes.includes(scope) ? 'yes' : ''))].join(' | ')} |`
}

function table(): string {
  const all = rows().toSorted((a, b) => (a.resource === b.resource ? 0 : a.resource < b.resource ? -1 : 1))
  const lines = all
    .flatMap((row) => linesOf(row, all))
    .map((row) => row.replaceAll('|  |', '| |').replaceAll('|  |', '| |'))
  const head = `| call | ${SCOPES.map((scope) => `\`${scope}\``).join(' | ')} |`
  return [head, `|${' --- |'.repeat(SCOPES.length + 1)}`, ...lines].join('\n')
}

it('docs/access.md says which scopes each call needs, as the program decides', () => {
  const page = readFileSync(join(ROOT, 'docs/access.md'), 'utf8')
  const found = /\| call \|.*?(?=\n\n)/s.exec(page)?.[0]
  expect(found, `Replace the table of calls in docs/access.md with this one:\n${table()}\n`).toBe(table())
})
