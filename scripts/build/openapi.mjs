// @asteasolutions/zod-to-openapi as wrangler bundles it (see [alias] in wrangler.toml): what @hono/zod-openapi calls when
// the routes are defined. `npm run openapi` writes the document with the whole package, so the Worker needs no generator.
export class OpenAPIRegistry {
  definitions = []
  registerPath() {
    // Only a generator reads the paths.
  }
}

export class OpenApiGeneratorV3 {}
export class OpenApiGeneratorV31 {}

export function getOpenApiMetadata() {
  return {}
}

export function extendZodWithOpenApi({ ZodType }) {
  ZodType.prototype.openapi = function withoutMetadata() {
    return this
  }
}
