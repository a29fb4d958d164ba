/*
 * zod, whose schemas have the method `openapi`, which `#doc` gives them. Import it as `* as z`, and from here: then the
 * Worker contains only what it uses of it. In the Worker, it is scripts/build/zod (see [alias] in wrangler.toml).
 */
import '#doc'

export * from 'zod'
