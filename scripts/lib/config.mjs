import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { experimental_readRawConfig } from 'wrangler'
import { ROOT } from './node.mjs'

/** @returns the contents of wrangler.toml, as an object */
export function readConfig() {
  return experimental_readRawConfig({ config: join(ROOT, 'wrangler.toml') }).rawConfig
}

/**
 * Writes a configuration for one run of wrangler. It is written beside wrangler.toml, because the paths in it are
 * relative to its folder. It must not contain secrets.
 */
export function writeConfig(file, config) {
  writeFileSync(file, JSON.stringify(config, null, 2))
}
