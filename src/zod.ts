/*
 * zod, whose schemas have the method `openapi`. Import it as `* as z`: then the Worker contains only what it uses of zod.
 */
import '@hono/zod-openapi'

export * from 'zod'
