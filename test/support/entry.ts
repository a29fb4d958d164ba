import worker from '../../src'
import { sweep } from '../../src/sweep'

/* The Worker, whose cron job believes the time that it is called with. So a test can let days pass. */

export default {
  ...worker,
  scheduled: (controller, env) => sweep(env, Math.max(Date.now(), controller.scheduledTime)),
} satisfies ExportedHandler<Env>
