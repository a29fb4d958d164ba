// What the Worker's bundle takes for "zod" (see wrangler.toml): the library without its translations into fifty languages. They are a
// third of the bundle, and a namespace that is handed on whole, as the OpenAPI package does, keeps all that is in it.
export * from '../node_modules/zod/v4/classic/external.js'
// An export of its own stands before one of the star's. `core` holds the translations once more.
export const locales = {}
export const core = {}
export const fromJSONSchema = undefined
export * as z from './zod.mjs'
