import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { noticesOf } from './notices'

/* What runs in the browser and shares code with the Worker. `npm run browser` updates the files. */

const ROOT = join(import.meta.dirname, '../../..')
const BUNDLES = [
  { name: 'signature.js', entry: 'browser/signature/page.ts' },
  { name: 'import-reader.js', entry: 'browser/import/index.ts', minify: true },
  // Classic scripts can be loaded from other hosts without CORS.
  { name: 'embed.js', entry: 'browser/embed/index.js', minify: true, format: 'iife' as const },
  { name: 'embed-form.js', entry: 'browser/embed/form.js', minify: true },
]

it.each(BUNDLES)('public/$name is current, and makes no HTML from text', async ({ name, entry, minify, format }) => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    minify: minify ?? false,
    legalComments: 'none',
    metafile: true,
    write: false,
    format: format ?? 'esm',
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
