import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

/* What runs in the browser and shares code with the Worker. `npm run browser` updates the files. */

const ROOT = join(import.meta.dirname, '../../..')
const BUNDLES = { 'signature.js': 'browser/signature/page.ts' }

it.each(Object.entries(BUNDLES))('public/%s is current, and makes no HTML from text', async (name, entry) => {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    banner: { js: `// Made from ${entry} by \`npm run browser\`. Do not edit it.` },
  })
  const code = outputFiles[0]?.text ?? ''
  expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/)
  await expect(code).toMatchFileSnapshot(`../../../public/${name}`)
})
