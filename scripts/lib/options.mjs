/* What the command lines of several scripts have in common. */

/** npm has an option of its own with this name, which a person can have configured. */
const OF_NPM = 'include'

/**
 * npm takes options that come before `--` for itself. Without --dry-run, an import would write, and the value of a lost
 * option would count as the file.
 * @throws Error if npm has taken one of these options
 */
export function refuseLost(names) {
  const isLost = (name) => name !== OF_NPM && process.env[`npm_config_${name.replaceAll('-', '_')}`]
  const lost = names.find(isLost)
  if (lost === undefined) return
  const script = process.env.npm_lifecycle_event ?? 'script'
  throw new Error(
    `Put "--" before the options, because npm took --${lost} for itself: npm run ${script} -- --${lost} ...`
  )
}
