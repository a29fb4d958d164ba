// What the Worker's bundle takes for "@asteasolutions/zod-to-openapi" (see wrangler.toml): routes still name their schemas, and nothing is made of it, since
// public/openapi.json was written before.
export class OpenAPIRegistry {
  definitions = []
  registerPath() {}
}

export function extendZodWithOpenApi({ ZodType }) {
  ZodType.prototype.openapi ??= function openapi() {
    return this
  }
}

export const getOpenApiMetadata = () => ({})

class Elsewhere {
  constructor() {
    throw new Error('The document is public/openapi.json; npm run openapi writes it.')
  }
}

export { Elsewhere as OpenApiGeneratorV3, Elsewhere as OpenApiGeneratorV31 }
