// zod as wrangler bundles it (see [alias] in wrangler.toml). @hono/zod-openapi uses zod as one object, `z`.
// esbuild cannot remove the unused parts of an object, and @hono/zod-openapi needs only one class of it.
import { ZodType } from '../../node_modules/zod/v4/classic/schemas.js'

export const z = { ZodType }
export * as iso from '../../node_modules/zod/v4/classic/iso.js'
export * from '../../node_modules/zod/v4/classic/schemas.js'
export { config } from '../../node_modules/zod/v4/core/index.js'
