import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

// A deployment applies them with `wrangler d1 migrations apply`.
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
