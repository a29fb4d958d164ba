// Parts of hono that we do not use, as wrangler bundles them (see [alias] in wrangler.toml): apps of other frameworks, and
// bodies that hono itself parses as forms.
export function createMountedRequest() {
  throw new Error('Not part of the bundle: see scripts/build/unused.mjs')
}
export { createMountedRequest as parseBody }
