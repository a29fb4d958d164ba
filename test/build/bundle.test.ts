import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../../src')

function sources(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(SRC, name), 'utf8'))
}

it('has every part of zod that the source names', async () => {
  const bundled: Record<string, unknown> = await import('../../scripts/build/zod.mjs' as string)
  const named = sources().flatMap((text) =>
    [...text.matchAll(/\bz\s*\.\s*([a-z]\w*)\s*[.(]/g)].map(([, name = '']) => name)
  )
  expect(named.length).toBeGreaterThan(100)
  for (const name of new Set(named)) expect(bundled[name], `z.${name}`).toBeDefined()
  for (const [name, part] of Object.entries(bundled)) expect(part, name).toBeDefined()
})
