/** The types of Hono's request context. `wrangler types` generates the bindings from wrangler.toml. */
export interface HonoEnv {
  Bindings: Env
  Variables: { requestId: string }
}

declare global {
  interface Env {
    /** The old key while SECRETS_KEY is being rotated. It is optional, so `wrangler types` does not know about it. */
    SECRETS_KEY_PREVIOUS?: string
  }
}
