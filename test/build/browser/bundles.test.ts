import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { noticesOf } from './notices'

/* What runs in the browser and shares code with the Worker. `npm run browser` updates the files. */

const ROOT = join(import.meta.dirname, '../../..')
const BUNDLES = { 'signature.js': 'browser/signature/page.ts', 'import-reader.js': 'browser/import/index.ts' }
/** With its packages, it is long. */
const MINIFIED = 'import-reader.js'

it.each(Object.entries(BUNDLES))('public/%s is current, and makes no HTML from text', async (name, entry) => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    minify: name === MINIFIED,
    legalComments: 'none',
    metafile: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    banner: { js: `// Made from ${entry} by \`npm run browser\`. Do not edit it.` },
  })
  const [output] = Object.values(metafile.outputs)
  const used = Object.entries(output?.inputs ?? {}).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
  const code = `${outputFiles[0]?.text}${noticesOf(
    ROOT,
    used.map(([file]) => file)
  )}`
  expect(code).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/)
  await expect(code).toMatchFileSnapshot(`../../../public/${name}`)
})
