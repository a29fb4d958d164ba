// Writes the configuration of `npm start` while SECRETS_KEY is being rotated: wrangler.toml with one more secret.
import { readConfig, writeConfig } from './config.mjs'

const config = readConfig()
config.secrets.required.push('SECRETS_KEY_PREVIOUS')
writeConfig(process.argv[2], config)
