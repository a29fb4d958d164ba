/** What Hono carries through a request. The bindings are generated from wrangler.toml. */
export interface HonoEnv {
  Bindings: Env
  Variables: { requestId: string }
}

declare global {
  interface Env {
    /** While SECRETS_KEY is rotated: the old one. Not required, so `wrangler types` does not know it. */
    SECRETS_KEY_PREVIOUS?: string
  }
}
