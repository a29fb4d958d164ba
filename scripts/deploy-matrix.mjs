// npm run deploy:matrix: makes each call of a first deployment fail, in each way, and deploys again. It takes about ten
// minutes. CI runs a sample: test/deploy/failures.test.ts.
import { runNode, toolEnv, toolPath } from './lib/node.mjs'

const tests = [toolPath('vitest/vitest.mjs'), 'run', '--project', 'deploy', 'test/deploy/failures.test.ts']
process.exit(runNode(tests, { env: toolEnv({ DEPLOY_MATRIX: 'full' }) }))
