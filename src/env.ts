/** What Hono carries through a request. `wrangler types` writes the bindings from wrangler.toml. */
export interface HonoEnv {
  Bindings: Env
  Variables: { requestId: string }
}

declare global {
  interface Env {
    /** The old key while SECRETS_KEY is rotated. It is optional, so `wrangler types` does not know it. */
    SECRETS_KEY_PREVIOUS?: string
  }
}
