import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { unstable_getVarsForDev } from 'wrangler'
// @ts-expect-error The scripts have no types.
import { readDevVars } from '../../../scripts/lib/dev-vars.mjs'

const folder = mkdtempSync(join(tmpdir(), 'guesthook-dev-vars-'))
const file = join(folder, '.dev.vars')

afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  'ADMIN_TOKEN=abc\r\nFREE_PLAN=true\r\n',
  'ADMIN_TOKEN="abc"',
  "ADMIN_TOKEN='a#b'",
  'ADMIN_TOKEN = abc',
  '  ADMIN_TOKEN=abc',
  'export ADMIN_TOKEN=abc',
  'ADMIN_TOKEN=abc # mine',
  '# ADMIN_TOKEN=old\nADMIN_TOKEN=a=b==\n\nFREE_PLAN=',
])('the scripts read %j in .dev.vars as wrangler does', (text) => {
  writeFileSync(file, text)
  const read = unstable_getVarsForDev(join(folder, 'wrangler.toml'), undefined, {}, undefined, true)
  expect(readDevVars(file)).toEqual(Object.fromEntries(Object.entries(read).map(([name, { value }]) => [name, value])))
  expect(readDevVars(file).ADMIN_TOKEN).toBeTruthy()
})
