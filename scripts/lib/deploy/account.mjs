import { call, login } from './cloudflare.mjs'
import { ask } from './questions.mjs'

/**
 * Opens the account to deploy to.
 * @returns {Promise<{id: string, name: string, env: Record<string, string>, call: Function}>} `env` makes wrangler use
 *   the same account; `call` sends a request to the account
 * @throws Error if nobody is logged in, or NoTerminal if there are several accounts and nobody can choose
 */
export async function openAccount(config) {
  const headers = login()
  const { id, name } = await chooseAccount(headers, process.env.CLOUDFLARE_ACCOUNT_ID || config.account_id)
  return {
    id,
    name,
    env: { CLOUDFLARE_ACCOUNT_ID: id },
    call: (method, path, body) => call(headers, method, `/accounts/${id}${path}`, body),
  }
}

async function chooseAccount(headers, configured) {
  if (configured) return { id: configured, name: configured }
  const accounts = (await call(headers, 'GET', '/accounts?per_page=50')) ?? []
  if (accounts.length === 0) throw new Error('This login has no Cloudflare account.')
  if (accounts.length === 1) return accounts[0]
  const list = accounts.map(({ id, name }, i) => `  ${i + 1}  ${name} (${id})`).join('\n')
  console.log(`\nThis login has several accounts. To skip this question, set CLOUDFLARE_ACCOUNT_ID.\n${list}`)
  return ask('Deploy to which account? Enter its number:', (answer) => {
    const chosen = accounts[Number(answer) - 1]
    if (!chosen) throw new Error(`Enter a number from 1 to ${accounts.length}.`)
    return chosen
  })
}
