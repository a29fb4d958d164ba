// hono as wrangler bundles it (see [alias] in wrangler.toml): with the router that takes all our routes. hono itself would
// first try one that does not, such as `/b/:slug` after `/b/main`. The Worker's tests run with this router.
import { HonoBase } from 'hono/hono-base'
import { TrieRouter } from 'hono/router/trie-router'

export class Hono extends HonoBase {
  constructor(options = {}) {
    super(options)
    this.router = new TrieRouter()
  }
}
