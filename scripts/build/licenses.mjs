// Writes the software bill of materials to dist/sbom.cdx.json (CycloneDX), and checks the licenses of all packages.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../lib/node.mjs'

/** Licenses of deployed packages. They require no more than a notice. */
const DEPLOYED = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD']
/** Licenses of development tools, which are neither changed nor distributed. */
const TOOLS = [
  ...DEPLOYED,
  'Unlicense',
  'CC0-1.0',
  'MPL-2.0',
  'LGPL-3.0-or-later',
  'Zlib',
  'BlueOak-1.0.0',
  'Python-2.0',
  'PSF-2.0',
]
/** Packages whose manifest names no license: the license in their repository. */
const KNOWN = { 'starkbank-ecdsa': 'MIT' }

function readSbom(...options) {
  const args = ['sbom', '--sbom-format', 'cyclonedx', ...options]
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64_000_000 })
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`)
  return JSON.parse(stdout)
}

/** @returns the license ids of a package. In an expression such as `MIT OR Apache-2.0`, each id must be allowed */
function licensesOf({ name, licenses = [] }) {
  if (licenses.length === 0) return [KNOWN[name] ?? 'unknown']
  return licenses.flatMap(({ license, expression }) => expression?.match(/[\w.-]+/g) ?? [license.id ?? license.name])
}

function findFaults(components, allowed) {
  return components.flatMap((component) => {
    const wrong = licensesOf(component).filter((id) => !['OR', 'AND'].includes(id) && !allowed.includes(id))
    return wrong.length === 0 ? [] : [`${component.name}@${component.version}: ${wrong.join(', ')}`]
  })
}

const deployed = readSbom('--omit', 'dev', '--omit', 'optional')
const all = readSbom()
mkdirSync(join(ROOT, 'dist'), { recursive: true })
writeFileSync(join(ROOT, 'dist', 'sbom.cdx.json'), `${JSON.stringify(deployed, null, 2)}\n`)

const faults = [...findFaults(deployed.components, DEPLOYED), ...findFaults(all.components, TOOLS)]
console.log(`licenses  ${deployed.components.length} packages deployed, ${all.components.length} installed`)
for (const fault of faults) console.error(`This license is not allowed: ${fault}`)
if (faults.length > 0) process.exit(1)
