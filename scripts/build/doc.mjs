// `#doc` as wrangler bundles it (see `imports` in package.json). The functions are empty, so esbuild leaves out their calls,
// and the texts and schemas that are given to them.
export function doc() {}
export function described() {}
export function documented() {}
