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

/**
 * `localhost:8787` is a URL, too, whose scheme is `localhost`.
 * @param {string} name of the option @returns {URL} @throws Error if it is not an address of HTTP
 */
export function readUrl(name, text = '') {
  const url = URL.parse(text)
  if (url && ['http:', 'https:'].includes(url.protocol)) return url
  throw new Error(`Enter a full URL for --${name}, such as http://localhost:8787.`)
}
