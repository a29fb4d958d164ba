// The generator of OpenAPI documents as wrangler bundles it (see [alias] in wrangler.toml): nothing of it. Only
// `npm run openapi` makes the document, with the real generator. In the Worker, its descriptions of schemas would be a
// fortieth of the bundle, and would make every schema twice when an isolate starts.
export class OpenAPIRegistry {
  definitions = []
  registerPath() {}
  registerComponent() {}
  registerWebhook() {}
}

export class OpenApiGeneratorV3 {}
export class OpenApiGeneratorV31 {}

/** Gives every schema the method `openapi`, which here describes nothing. */
export function extendZodWithOpenApi({ ZodType }) {
  ZodType.prototype.openapi = function () {
    return this
  }
}

export function getOpenApiMetadata() {
  return {}
}
