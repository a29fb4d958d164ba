// Parts of hono that we do not use, as wrangler bundles them (see [alias] in wrangler.toml): apps of other frameworks, bodies
// that hono itself parses as forms, and pages that are not plain texts.
function unused() {
  throw new Error('Not part of the bundle: see scripts/build/unused.mjs')
}

export { unused as createMountedRequest, unused as parseBody, unused as resolveCallback }
export const HtmlEscapedCallbackPhase = {}
