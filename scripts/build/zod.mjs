// zod as wrangler bundles it (see [alias] in wrangler.toml), without its object `z`: esbuild cannot remove the unused parts
// of an object.
export * as iso from '../../node_modules/zod/v4/classic/iso.js'
export * from '../../node_modules/zod/v4/classic/schemas.js'
export { config } from '../../node_modules/zod/v4/core/index.js'
