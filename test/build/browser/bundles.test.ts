import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin, transform } from 'esbuild'
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

/** A script imports its stylesheet as text without spaces. */
const stylesheets: Plugin = {
  name: 'stylesheets',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true })
      return { contents: code.trim(), loader: 'text' }
    })
  },
}

it.each(BUNDLES)('public/$name is current, and makes no HTML from text', async ({ name, entry, minify, format }) => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    plugins: [stylesheets],
    minify: minify ?? false,
    legalComments: 'none',
    metafile: true,
    write: false,
    format: format ?? 'esm',
    target: 'es2022',
    banner: { js: `// Made from ${entry}` },
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
