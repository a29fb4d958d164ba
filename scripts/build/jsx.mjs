// hono/jsx as wrangler bundles it (see [alias] in wrangler.toml): what we import of it. The whole of it contains a renderer
// for browsers, which esbuild cannot leave out, and which would be a sixtieth of the Worker.
export { createContext, useContext } from '../../node_modules/hono/dist/jsx/context.js'
