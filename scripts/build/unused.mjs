// Parts of packages that we do not use, as wrangler bundles them (see [alias] in wrangler.toml). Of hono: apps of other
// frameworks, bodies that hono itself parses as forms, and pages that are not plain texts. Of the validator of JSON Schema:
// its formats. Ours are in src/webhooks/event-types/formats.ts.
function unused() {
  throw new Error('Not part of the bundle: see scripts/build/unused.mjs')
}

export { unused as createMountedRequest, unused as parseBody, unused as resolveCallback }
export const HtmlEscapedCallbackPhase = {}
export const format = {}
