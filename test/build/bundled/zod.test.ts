import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import fc from 'fast-check'
import { expect, it } from 'vitest'

/* The Worker contains scripts/build/zod instead of zod. */

const ROOT = join(import.meta.dirname, '../../..')
const BUNDLED = join(ROOT, 'scripts/build/zod/index.mjs')
const FILES = globSync('src/**/*.{ts,tsx}', { cwd: ROOT })
  .filter((file) => file !== 'src/doc.ts' && /^import (?!type).*zod'/m.test(readFileSync(join(ROOT, file), 'utf8')))
  .sort()

type Problem = { path: PropertyKey[]; message: string }
type Result = { success: boolean; data?: unknown; error?: { issues: Problem[] } }
type Schema = { safeParse(value: unknown): Result; _zod: { def: Def } }
type Named = Record<string, Schema>

/** What a schema of zod consists of. */
interface Def {
  type: string
  shape: Named
  catchall?: Schema
  innerType: Schema
  element: Schema
  items: Schema[]
  options: Schema[]
  keyType: Schema
  valueType: Schema
  in: Schema
  out: Schema
  entries: Record<string, string>
  values: unknown[]
}

/** What only files use that do not export it. */
const MORE = `
  z.url({ protocol: /^https?$/ }).max(2_048),
  z.object({ a: z.string(), b: z.int() }).partial().catchall(z.union([z.string().max(4), z.number(), z.null()])),
  z.object({ a: z.string().optional(), b: z.int().nullish(), c: z.unknown() }).required(),
  z.strictObject({ a: z.enum(['x', 'y', 'z']).exclude(['x']), b: z.boolean().default(true) }).omit({ b: true }).strip(),
  z.object({ a: z.int('A').min(3, 'B').max(5), b: z.array(z.string()).min(2, 'C').max(3) }).catch(null),
  z.array(z.string().trim().min(1)).max(100).default([]),
  z.object({ a: z.string() }).transform(({ a }, c) => a || c.addIssue({ code: 'custom', message: 'D', path: ['a'] })),
`

/** Loads the program's files with schemas. @returns every schema that they export */
async function load(alias: Record<string, string>): Promise<Named> {
  const files = FILES.map((file, i) => `export * as file${i} from './${file}'`)
  const contents = [...files, "import * as z from './src/zod'", `export const more = [${MORE}]`].join('\n')
  const { outputFiles } = await build({
    bundle: true,
    format: 'esm',
    write: false,
    alias,
    conditions: ['workerd'],
    jsx: 'automatic',
    jsxImportSource: '#jsx',
    stdin: { contents, resolveDir: ROOT, loader: 'ts' },
  })
  const modules = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? '').toString('base64')}`
  )
  return Object.fromEntries(schemasIn(modules, '', 5))
}

/** A file may export its schemas in an object, such as the settings of a book. */
function schemasIn(value: object, name: string, depth: number): [string, Schema][] {
  if ('safeParse' in value) return [[name, value as Schema]]
  if (depth === 0) return []
  return Object.entries(value).flatMap(([key, one]) =>
    typeof one === 'object' && one !== null ? schemasIn(one, `${name}.${key}`, depth - 1) : []
  )
}

/** Values that a schema accepts, or nearly: everywhere inside, there may be something else. */
function nearly({ _zod: { def } }: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting(def) }, { weight: 1, arbitrary: ODD })
}

const TEXTS = [
  '',
  ' ',
  'a',
  'main',
  'https://example.com/\ta',
  'https:example.com',
  'YQ==',
  'YQ=',
  '12',
  '-1.5',
  '__proto__',
]
const TIMES = ['2026-11-24T10:00:00Z', '2026-02-29T10:00:00Z', '2026-11-24T10:00:00.5+01:00', '2026-11-24T10:00Z']
const LENGTHS = [2, 40, 80, 100, 200, 255, 256, 500, 1_000, 2_048, 4_000, 10_000]
const TEXT = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(...TEXTS, ...TIMES),
  fc
    .tuple(fc.constantFrom('a', '🎉', '\ud800'), fc.constantFrom(...LENGTHS), fc.integer({ min: -1, max: 1 }))
    .map(([one, length, more]) => one.repeat(length + more))
)
const NUMBER = fc.oneof(
  fc.integer({ min: -2, max: 120 }),
  fc.integer(),
  fc.double(),
  fc.constantFrom(2 ** 53, -(2 ** 53))
)
const ODD = fc.oneof(TEXT, NUMBER, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, undefined, true, [], {}))

function fitting(def: Def): fc.Arbitrary<unknown> {
  switch (def.type) {
    case 'string':
      return TEXT
    case 'number':
      return fc.oneof(NUMBER, fc.constantFrom('12', ''))
    case 'boolean':
      return fc.boolean()
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries))
    case 'literal':
      return fc.constantFrom(...def.values)
    case 'array':
      return fc.oneof(fc.array(nearly(def.element), { maxLength: 4 }), fc.array(fc.constant('a'), { maxLength: 130 }))
    case 'tuple':
      return fc.oneof(fc.tuple(...def.items.map(nearly)), fc.array(TEXT, { maxLength: 4 }))
    case 'record':
      return fc.dictionary(fc.oneof(TEXT, fc.constantFrom('a', 'comment.held')), nearly(def.valueType), { maxKeys: 4 })
    case 'object':
      return objectOf(def.shape)
    case 'union':
      return fc.oneof(...def.options.map(nearly))
    case 'optional':
    case 'default':
      return fc.option(nearly(def.innerType), { nil: undefined })
    case 'nullable':
      return fc.option(nearly(def.innerType))
    case 'nonoptional':
    case 'catch':
      return nearly(def.innerType)
    case 'pipe':
      return nearly(def.in._zod.def.type === 'transform' ? def.out : def.in)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objectOf(shape: Named): fc.Arbitrary<unknown> {
  const known = Object.fromEntries(Object.entries(shape).map(([name, one]) => [name, nearly(one)]))
  const others = fc.oneof({ weight: 6, arbitrary: fc.constant({}) }, fc.dictionary(TEXT, ODD, { maxKeys: 2 }))
  const complete = fc.record(known)
  return fc
    .tuple(fc.oneof(complete, fc.record(known, { requiredKeys: [] })), others)
    .map(([given, more]) => ({ ...given, ...more }))
}

/** What a schema says about a value. A refinement may throw, as some of the program do. */
function outcome(schema: Schema, value: unknown) {
  try {
    const { success, data, error } = schema.safeParse(structuredCloneOf(value))
    return success ? { data } : { issues: error?.issues.map(({ path, message }) => ({ path, message })) }
  } catch (thrown) {
    return { thrown: String(thrown) }
  }
}

function structuredCloneOf(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}

function expectSame(real: Schema, bundled: Schema) {
  const property = fc.property(nearly(real), (value) => {
    expect(outcome(bundled, value)).toStrictEqual(outcome(real, value))
  })
  fc.assert(property, { seed: 11, numRuns: 60, endOnFailure: true })
}

it('accepts, converts and refuses with each schema of the program what zod does, with the same words', async () => {
  const [real, bundled] = await Promise.all([load({}), load({ zod: BUNDLED })])
  expect(Object.keys(bundled)).toEqual(Object.keys(real))
  expect(Object.keys(real).length).toBeGreaterThan(60)
  for (const [name, schema] of Object.entries(real)) expectSame(schema, bundled[name] as Schema)
})
